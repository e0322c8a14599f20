"""The line between gateway and service is cut for ten seconds, in closed network namespaces."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import cpu
from bench.doors import Doors
from gateway.settings import SERVICES
from local.members import ROOT
from local.postgres import Cluster
from local.vacant import free_port
from tests.soak.calls import Call, call, crowd, statuses
from tests.soak.links import FAR, Line, NoNamespaces, inside, line

CUT_S, AFTER_S = 10.0, 8.0
END_S, HEAL_S = 3.0, 2.0
_CALLERS = 8
_TARGET = "/v1/cooperatives/1"


@dataclass(frozen=True)
class Seen:
    """Every call, and when the line was cut and whole again."""

    calls: Sequence[Call]
    cut_at: float
    healed_at: float

    @property
    def during(self) -> list[Call]:
        """Those that ended before the line was whole again, and after it was cut."""
        return [
            one
            for one in self.calls
            if self.cut_at + 0.1 < one.began + one.seconds and one.began < self.healed_at
        ]

    @property
    def after(self) -> list[Call]:
        """Those that began two seconds after it was whole again."""
        return [one for one in self.calls if one.began >= self.healed_at + HEAL_S]

    @property
    def longest_s(self) -> float:
        """The call that took longest."""
        return max(one.seconds for one in self.calls)

    @property
    def whole_after_s(self) -> float:
        """The last call that failed, after the line was whole again."""
        bad = [one.began for one in self.calls if one.status != 200]
        return max([began - self.healed_at for began in bad] + [0.0])

    @property
    def is_kept(self) -> bool:
        """Whether every promise holds."""
        is_told = all(one.status == 200 or one.is_problem for one in self.during)
        is_whole = bool(self.after) and all(one.status == 200 for one in self.after)
        has_happened = any(one.status in (503, 504) for one in self.during)
        return is_told and is_whole and has_happened and self.longest_s <= END_S


async def watch(port: int, wire: Line) -> Seen:
    """Call all the while; cut; heal."""
    is_over = asyncio.Event()
    calling = asyncio.create_task(crowd(port, _TARGET, is_over, _CALLERS))
    await asyncio.sleep(3)
    wire.cut()
    cut_at = time.monotonic()
    await asyncio.sleep(CUT_S)
    wire.heal()
    healed_at = time.monotonic()
    await asyncio.sleep(AFTER_S)
    is_over.set()
    return Seen(await calling, cut_at, healed_at)


async def _await_answer(port: int) -> None:
    for _ in range(600):
        if (await call(port, _TARGET)).status == 200:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the far side never answered")


def _run(cluster: Cluster, place: Path) -> Seen:
    with line() as wire:
        behind = free_port()
        command = [sys.executable, "-m", "tests.soak.echo", str(behind), FAR]
        echo = subprocess.Popen(wire.command(wire.far, *command), cwd=ROOT)
        doors = Doors(cluster, place, set(cpu.CORES))
        try:
            with inside(wire.near):
                peers = dict.fromkeys(SERVICES, f"http://{FAR}:{behind}")
                gateway = doors.gateway(behind, GATEWAY_PEERS=json.dumps(peers))
                asyncio.run(_await_answer(gateway.port))
                return asyncio.run(watch(gateway.port, wire))
        finally:
            doors.stop()
            echo.terminate()
            echo.wait()


def table(seen: Seen) -> list[tuple[str, str]]:
    """What happened, line by line."""
    return [
        (f"calls in {CUT_S:.0f} s without a line", statuses(seen.during)),
        ("the longest of all calls", f"{seen.longest_s:.2f} s (≤ {END_S:.0f})"),
        ("last failure after it was whole", f"{seen.whole_after_s:.2f} s (≤ {HEAL_S:.0f})"),
        (f"calls later than {HEAL_S:.0f} s after it", statuses(seen.after)),
    ]


def report(cluster: Cluster, folder: Path) -> bool:
    """Run it and print the table; whether every promise was kept."""
    place = folder / "link"
    place.mkdir(mode=0o700)
    try:
        seen = _run(cluster, place)
    except NoNamespaces as reason:
        sys.stdout.write(f"link: not tried here, no network namespaces: {reason}\n")
        return True
    for name, value in table(seen):
        sys.stdout.write(f"{name:<42} {value}\n")
    sys.stdout.write("kept\n" if seen.is_kept else "BROKEN\n")
    return seen.is_kept
