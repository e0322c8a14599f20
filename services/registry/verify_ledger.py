"""`python -m services.registry.verify_ledger`: is the register what was written, and all of it?

Reads every chain again, holds it to the signed checkpoints that lie outside the database, and the
arrival register to the filings. Says what is wrong first, and ends with 1; with 0 when all holds.
"""

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from asyncpg import Connection, PostgresError, Record

from chassis.beside import Beside
from chassis.chain import Chain
from chassis.chain_check import Fault, check_whole, hashes_at
from chassis.chain_proof import check_on, checkpoint_faults, ends
from chassis.checkpoints import Checkpoint, Outside
from chassis.keys import KeyFile
from chassis.reads import connect
from chassis.sealing import Keys
from services.registry.settings import RegistrySettings
from services.registry.stream.repository import CHAINS

_CHECKPOINT = re.compile(r"(?P<chain>\w+):(?P<sequence>[0-9]+):(?P<hash>[0-9a-f]{64})")
Mark = tuple[str, int, str]


@dataclass(frozen=True)
class Against:
    """What the chains are held to: our public keys, checkpoints from outside the database by chain
    (None: there is no such place), and marks kept by hand."""

    keys: Keys
    outside: Mapping[str, list[Checkpoint]] | None
    marks: Sequence[Mark] = ()


@dataclass
class Report:
    """What was found about one chain."""

    chain: str
    links: int
    waiting: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report, the first bad sequence first."""
        verdict = "BROKEN" if self.faults else "intact"
        counts = f"{self.links} links hold, {self.checkpoints} checkpoints, {self.waiting} wait"
        found = sorted(self.faults, key=lambda fault: fault.sequence)
        return [f"{self.chain}: {verdict}; {counts}", *(f"  {fault}" for fault in found[:20])]


async def report(
    connection: "Connection[Record]", chain: Chain, to: Against, links: int = 0
) -> Report:
    """Everything about one chain of which `links` were found to hold; in one transaction that sees
    one moment."""
    links, fault = await check_on(connection, chain, links)
    made = Report(chain.name, links)
    if fault is None:
        made.waiting, made.faults = await ends(connection, chain, links)
    else:
        made.faults = [fault]
    kept = None if to.outside is None else to.outside[chain.name]
    made.checkpoints, wrong = await checkpoint_faults(connection, chain.name, to.keys, kept)
    made.faults += wrong + await _marks(connection, chain.name, to.marks)
    return made


async def _marks(
    connection: "Connection[Record]", chain: str, marks: Sequence[Mark]
) -> list[Fault]:
    mine = {sequence: hash for name, sequence, hash in marks if name == chain}
    now = await hashes_at(connection, chain, mine)
    return [
        Fault(sequence, "differs from its checkpoint" if sequence in now else "was sealed, is gone")
        for sequence, hash in mine.items()
        if now.get(sequence) != hash
    ]


def checkpoint(text: str) -> Mark:
    """A checkpoint as it is written; one that is mistyped must not pass for one that held."""
    found = _CHECKPOINT.fullmatch(text)
    if found is None or found["chain"] not in CHAINS:
        raise argparse.ArgumentTypeError(f"{text!r} is not CHAIN:SEQUENCE:HASH")
    return found["chain"], int(found["sequence"]), found["hash"]


def main(words: Sequence[str] | None = None) -> int:
    """Verify everything; 0 when all holds."""
    asked, settings, began = _parser().parse_args(words), RegistrySettings(), perf_counter()
    url = settings.database_url
    compared = Beside(_compare, url)
    held = {name: check_whole(url, chain, asked.workers)[0] for name, chain in CHAINS.items()}
    keys = _keys(asked.keys or settings.keys_file, is_private=asked.keys is None)
    to = Against(keys, kept_in(asked.checkpoints or settings.checkpoints), asked.checkpoint)
    reports = asyncio.run(_rest(url, held, to))
    seconds = perf_counter() - began  # of the links; a large register takes longer to compare
    others = compared.result()
    _say(reports, others, seconds, to)
    return 1 if others or any(each.faults for each in reports) else 0


def kept_in(folder: Path | None) -> Mapping[str, list[Checkpoint]] | None:
    """The checkpoints in a folder, by chain."""
    if folder is None:
        return None
    return {name: Outside(folder / f"{name}.jsonl").read() for name in CHAINS}


async def _rest(url: str, held: Mapping[str, int], to: Against) -> list[Report]:
    async with _one_moment(url) as connection:
        return [await report(connection, CHAINS[name], to, held[name]) for name in held]


def _compare(url: str) -> list[str]:
    # a moment of its own: what PostgreSQL compares waits for no link
    from services.registry.consistency import (  # noqa: PLC0415 - all tables: a third of a second
        disagreements,
    )

    async def act() -> list[str]:
        async with _one_moment(url) as connection:
            return await disagreements(connection)

    return asyncio.run(act())


@asynccontextmanager
async def _one_moment(url: str) -> "AsyncIterator[Connection[Record]]":
    connection = await connect(url)
    try:
        await connection.execute("set statement_timeout = 0")
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    finally:
        await connection.close()


def _say(reports: list[Report], others: list[str], seconds: float, to: Against) -> None:
    lines = [line for each in reports for line in each.lines()]
    lines += [f"register: {'BROKEN' if others else 'agrees with its ledger'}"]
    lines += [f"  {sentence}" for sentence in others[:20]]
    links = sum(each.links for each in reports)
    lines.append(f"{links} links in {seconds:.1f} s, {links / seconds:,.0f} a second")
    sys.stdout.write("\n".join(lines) + "\n")


def _keys(file: Path, *, is_private: bool) -> Keys:
    if is_private:
        return {key["kid"]: key for key in KeyFile(file).public()}
    said = json.loads(file.read_text(encoding="utf-8"))
    return {key["kid"]: key for key in said.get("keys", [said])}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.registry.verify_ledger")
    parser.description = __doc__
    parser.add_argument("--checkpoint", action="append", default=[], type=checkpoint)
    parser.add_argument("--checkpoints", type=Path, help="a folder of checkpoints kept elsewhere")
    parser.add_argument("--keys", type=Path, help="public keys (a JWK or a JWKS); ours if not said")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes that check")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, PostgresError) as error:
        sys.exit(f"Nothing was verified: {type(error).__name__}: {error}")
