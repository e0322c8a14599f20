"""What must hold at the end of a run, each with the figure that shows it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tests.fuzz.tally import Tally
from tests.house.hostile import MARK
from tests.house.objects import OPEN

# Operations that cannot succeed here, each with its reason.
OUT_OF_REACH: dict[str, str] = {
    "GET /openapi.json": "every run begins with reading it, and Schemathesis leaves it out then",
}


@dataclass(frozen=True)
class Verdict:
    """One promise and what was seen of it."""

    promise: str
    seen: str
    holds: bool

    def __str__(self) -> str:
        return f"{'kept ' if self.holds else 'BROKEN'} {self.promise}: {self.seen}"


def of_answers(
    tally: Tally, labels: Sequence[str], unseen: Collection[str], least: int
) -> list[Verdict]:
    """How much was asked, and what was answered; nobody is a stranger to what is `unseen`."""
    crashes = sum(n for status, n in tally.statuses().items() if status >= 500)
    never = [one for one in labels if not tally.good(one) and one not in OUT_OF_REACH]
    owned = [one for one in labels if _is_owned(one) and one not in unseen]
    alone = [one for one in owned if not tally.foreign[one]]
    strangers = sum(tally.foreign.values())
    return [
        Verdict(f"at least {least:,} cases", f"{tally.cases:,}", tally.cases >= least),
        Verdict("no answer of 5xx", f"{crashes}", crashes == 0),
        Verdict("every operation succeeded", _list(labels, never), not never),
        Verdict(
            "strangers asked for every kind of object",
            _list(owned, alone) + f", {strangers:,} times",
            not alone,
        ),
    ]


def _is_owned(label: str) -> bool:
    method, _, path = label.partition(" ")
    return "{id}" in path and (method, f"/v1{path}") not in OPEN


def _list(labels: Sequence[str], never: Sequence[str]) -> str:
    missing = f"; never: {', '.join(never)}" if never else ""
    return f"{len(labels) - len(never)} of {len(labels)}{missing}"


def of_logs(logs: dict[str, str]) -> Verdict:
    """No process crashed, whatever it answered, and none wrote down what was hostile."""
    crashes = sum(text.count('"event": "crashed"') for text in logs.values())
    echoes = sum(text.count(MARK) for text in logs.values())
    seen = f"{crashes} crashes, {echoes} echoes"
    return Verdict("no crash and no echo in a log", seen, not (crashes or echoes))
