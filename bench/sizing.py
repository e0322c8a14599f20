"""What becomes of a page, of an import and of a verification when the register is large."""

import asyncio
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import asyncpg

from bench import cpu, filling
from bench.contest import Contender
from bench.reading import endless, pages
from bench.stage import Stage, stage
from chassis import chain
from chassis.reads import connect
from local.errors import CannotRun
from local.members import ROOT
from local.temporary import temporary_cluster
from services.registry.stream.repository import CHAINS

_LINES = """
insert into ledger (id, authority_code, path, year, number, kind, filing_id, arrival_number,
  formality, declarant, subject, recorded_at)
select gen_random_uuid(), 'SN-SE-SD3', array['SN-SE-SD3', 'SN-SE', 'SN'], 2026, n, 'ARRIVAL', $2,
  'SN-SE-SD3/2026/' || lpad(n::text, 6, '0'), 'REGISTRATION',
  'org-' || n, 'SCOOPS Jappoo ' || n, clock_timestamp()
from generate_series(1, $1::int) n
"""
_RATE = re.compile(r"([0-9,]+) a second")


@dataclass(frozen=True)
class Size:
    """How large the small and the large register are."""

    small: int
    large: int
    members: int
    entries: int


@dataclass(frozen=True)
class Filled:
    """How long it took to fill one."""

    cooperatives: int
    members: int
    added: int
    seconds: float

    def __str__(self) -> str:
        rows = self.added * (2 * self.members + 9)
        return (
            f"{self.cooperatives:,} cooperatives with {self.cooperatives * self.members:,} members "
            f"(loaded at {rows / self.seconds:,.0f} rows/s, every index kept)"
        )


def fill(made: Stage, count: int, members: int) -> Filled:
    """Fill a register and say how long it took."""
    began = time.monotonic()
    asyncio.run(filling.fill(made.superuser_url, count, members, since=made.filled))
    added, made.filled = count - made.filled, count
    return Filled(count, members, added, time.monotonic() - began)


def contenders(made: Stage, stack: ExitStack, size: Size) -> tuple[list[Contender], list[Filled]]:
    """The same page from a small and from a large register, each with its own PostgreSQL."""
    cluster = stack.enter_context(temporary_cluster())
    folder = made.folder / "small"
    folder.mkdir(mode=0o700)
    small = stack.enter_context(stage(cluster, folder))
    filled = [fill(small, size.small, size.members), fill(made, size.large, size.members)]
    found = []
    for name, count, at in (("small", size.small, small), ("large", size.large, made)):
        registry, asked = at.registry(), pages(at, count)
        found.append(Contender(name, registry.pid, registry.port, partial(endless, asked)))
    return found, filled


def verified(made: Stage, entries: int) -> float:
    """Entries that the verifier checks in a second, by its own clock."""
    asyncio.run(_chained(made, entries))
    told = made.told(0)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "services.registry.verify_ledger"],
        env=told,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=cpu.unpinned,
    )
    seconds = time.monotonic() - began
    if (
        "ledger: intact" not in done.stdout
    ):  # lines made for the measure have no filings behind them
        raise CannotRun(f"The verifier found faults: {(done.stdout + done.stderr)[-600:]}")
    said = _RATE.search(done.stdout)
    return float(said[1].replace(",", "")) if said else entries / seconds


async def _chained(made: Stage, entries: int) -> None:
    admin = await asyncpg.connect(made.superuser_url)
    filing = await admin.fetchval("select id from filing limit 1")
    await admin.execute(_LINES, entries, filing, timeout=600)
    await admin.close()
    connection = await connect(made.url)
    while await chain.seal(connection, CHAINS["ledger"]):
        pass
    await connection.close()
