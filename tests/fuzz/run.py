"""The run: start a town, stock it, let Schemathesis loose on it, and judge."""

import asyncio
import json
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from schemathesis.cli import schemathesis as command

from local.postgres import Cluster
from tests.fuzz import rough
from tests.fuzz.bend import Bender
from tests.fuzz.crew import Crew
from tests.fuzz.flood import flood
from tests.fuzz.hooks import install
from tests.fuzz.keys import same_keys
from tests.fuzz.makers import Makers
from tests.fuzz.stock import Stock
from tests.fuzz.tally import Tally
from tests.fuzz.town import RunningTown, running_town
from tests.fuzz.verdicts import Verdict, of_answers, of_logs

_CONFIG = Path(__file__).with_name("schemathesis.toml")
_SPARE = "phases.coverage.enabled = false\n"
_HEADINGS = ("= ERRORS =", "= FAILURES =", "= SUMMARY =")


@dataclass(frozen=True)
class Plan:
    """How much to ask: examples for each operation, fresh objects for each, the least cases."""

    seed: int
    examples: int
    objects: int
    least: int
    keys: int
    is_long: bool = False
    only: str = ""  # a pattern of names, such as `GET /v1/filings`, while something is looked for


def fuzz(cluster: Cluster, plan: Plan) -> bool:
    """One town, one seed; whether everything held."""
    began = monotonic()
    # no looks at the services twice a second: a machine that stands still has them all away
    with running_town(cluster, GATEWAY_LIMIT_FACTOR="10000", GATEWAY_UPSTREAM_CHECK_S="0") as town:
        crew = _crew(town)
        chance = random.Random(plan.seed)
        makers = Makers(crew, chance)
        _furnish(makers)
        bender, tally = Bender(crew, Stock(makers, chance, plan.objects), chance), Tally()
        install(bender, tally)
        verdicts = [] if plan.only else _rough(town, bender.stock, plan)
        labels = _labels(crew)
        verdicts.append(_schemathesis(town, plan, labels))
        labels = [label for label in labels if not plan.only or tally.asked(label)]
        verdicts += of_answers(tally, labels, bender.unseen, plan.least)
        verdicts.append(of_logs({name: town.log(name) for name in town.ports}))
    sys.stdout.write(tally.table(labels))
    sys.stdout.write(f"\nanswers by status: {tally.statuses()}\n")
    return report(verdicts, f"seed {plan.seed}, {monotonic() - began:.0f} s")


def report(verdicts: Sequence[Verdict], what: str) -> bool:
    """Print the verdicts; whether all promises were kept."""
    sys.stdout.write("".join(f"{verdict}\n" for verdict in verdicts))
    kept = sum(verdict.holds for verdict in verdicts)
    sys.stdout.write(f"{what}: {kept} passed, {len(verdicts) - kept} failed\n")
    return kept == len(verdicts)


def _crew(town: RunningTown) -> Crew:
    crew = Crew(town.accounts)
    asyncio.run(crew.enlist(town.database("gateway")))
    return crew


def _furnish(makers: Makers) -> None:
    # one of each kind, so that there is something to ask for from the first case on
    makers.seat_offer()
    makers.financing("ACTIVE")
    makers.session()
    makers.invited()
    makers.access_grant()
    makers.brought_in()


def _rough(town: RunningTown, stock: Stock, plan: Plan) -> list[Verdict]:
    crew = stock.makers.crew
    return [
        rough.over_sockets(town.ports["gateway"]),
        rough.as_bodies(crew, stock, _labels(crew)),
        *flood(town, crew),
        same_keys(town, stock.makers, plan.keys),
    ]


def _labels(crew: Crew) -> list[str]:
    contract = crew.get(None, "/v1/openapi.json")
    return sorted(
        f"{method.upper()} {path}"
        for path, item in contract["paths"].items()
        for method in item
        if method in ("get", "put", "post", "patch", "delete")
    )


def _config(town: RunningTown, plan: Plan, labels: Sequence[str]) -> Path:
    """The settings; in a short run half of the operations, another half for each seed, are spared
    the systematic part."""
    text, spared = _CONFIG.read_text(encoding="utf-8"), list[str]()
    if not (plan.is_long or plan.only):
        spared = random.Random(plan.seed).sample(labels, len(labels) // 2)
    names = [name for label in spared for name in (label, label.replace(" /", " /v1/", 1))]
    file = town.folder / "schemathesis.toml"
    rule = f"\n[[operations]]\ninclude-name = {json.dumps(names)}\n{_SPARE}" if names else ""
    file.write_text(text + rule, encoding="utf-8")
    return file


def _schemathesis(town: RunningTown, plan: Plan, labels: Sequence[str]) -> Verdict:
    config = _config(town, plan, labels)
    words = ["--config-file", str(config), "run", f"{town.base}/v1/openapi.json"]
    words += ["--origin", town.base, "--checks", "all", "--workers", "1", "--no-color"]
    words += ["--seed", str(plan.seed), "--max-examples", str(plan.examples)]
    words += ["--include-name-regex", plan.only] if plan.only else []
    words += ["--continue-on-failure", "--generation-database", "none", "--request-timeout", "20"]
    said = town.folder / "schemathesis.txt"
    with _written_to(said):
        code = _exit_code(words)
    text = said.read_text(encoding="utf-8")
    if code:
        sys.stdout.write(_findings(text))
    seen = next((line for line in text.splitlines() if " generated" in line), "nothing").strip()
    return Verdict("Schemathesis found nothing", seen, code == 0)


def _exit_code(words: list[str]) -> int:
    try:
        command.main(args=words)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@contextmanager
def _written_to(file: Path) -> Iterator[None]:
    with file.open("w", encoding="utf-8") as output, redirect_stdout(output):
        yield


def _findings(text: str) -> str:
    places = [at for heading in _HEADINGS if (at := text.find(heading)) >= 0]
    return text[min(places, default=0) :] + "\n"
