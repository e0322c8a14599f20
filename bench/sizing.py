"""What becomes of a page, of an import and of a verification when the register is large."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from bench import cpu, filling
from bench.contest import Contender
from bench.reading import endless, pages
from bench.stage import Stage, stage
from local.errors import CannotRun
from local.members import ROOT
from local.temporary import temporary_cluster


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


def verified(entries: int) -> tuple[float, float]:
    """Links of a ledger of its own that the verifier checks in a second, as an operator runs it: as
    it says itself, and of all the time that it takes, with the comparison of every row and start.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.proving", str(entries)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=cpu.unpinned,
    )
    found = json.loads(done.stdout) if done.returncode == 0 else {"holds": False}
    if not found["holds"]:
        raise CannotRun(f"The verifier found faults: {(done.stdout + done.stderr)[-600:]}")
    return float(found["own_per_s"]), float(found["links_per_s"])
