"""Two gateways under load, each replaced again and again by SIGTERM: nobody may fail.

`SOAK_DRAINED` requests; 50,000 if it is not said."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from bench import cpu
from bench.doors import Doors, Process, listens
from local.members import ROOT
from local.postgres import Cluster
from local.vacant import free_port
from tests.chassis.steady import Caller, Failed

REQUESTS = int(os.environ.get("SOAK_DRAINED", "50000"))
_CALLERS = 16
_DRAIN_S = "1"
_REPLACED = 4  # at least: each of them twice
_END_S = 60.0


@dataclass
class Seen:
    """What became of all requests."""

    answered: int = 0
    wrong: int = 0
    failures: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    replaced: int = 0
    seconds: float = 0.0

    @property
    def is_kept(self) -> bool:
        """Whether nobody failed, and there was something to fail of."""
        is_whole = self.answered >= REQUESTS and self.wrong == 0 and not self.failures
        return is_whole and self.replaced >= _REPLACED


class Scene:
    """The gateways, as balancers see them: a list of ports that changes under way."""

    def __init__(self, doors: Doors, behind: int) -> None:
        self.doors = doors
        self.behind = behind
        self.gateways: list[Process] = []
        self.ports: list[int] = []
        self.seen = Seen()
        self._left = iter(range(REQUESTS))

    async def start(self) -> None:
        """One more gateway."""
        found = await asyncio.to_thread(self.doors.gateway, self.behind, GATEWAY_DRAIN_S=_DRAIN_S)
        self.gateways.append(found)
        self.ports.append(found.port)

    async def replace(self) -> None:
        """End the oldest when a new one is there; callers know its port until it has ended."""
        await self.start()
        old = self.gateways.pop(0)
        os.kill(old.pid, signal.SIGTERM)
        child = next(one for one in self.doors.running if one.pid == old.pid)
        await asyncio.to_thread(child.wait, _END_S)
        self.doors.running.remove(child)
        self.ports.remove(old.port)
        self.seen.replaced += 1

    async def call(self, caller: Caller) -> None:
        """Ask until all has been asked, or somebody failed."""
        for number in self._requests():
            target, request = _request(number)
            try:
                status, body = await caller.ask(request)
            except Failed as failed:
                self.seen.failures.append(str(failed))
                continue
            self.seen.answered += 1
            self.seen.wrong += (status, body) != (200, target)
        self.seen.told += caller.told
        await caller.close()

    def _requests(self) -> Iterator[int]:
        # more than was asked for, if the replacing takes longer
        yield from self._left
        while self.seen.replaced < _REPLACED:
            yield 0


def _request(number: int) -> tuple[bytes, bytes]:
    """Every fourth has a body and a key; each is answered by what it said."""
    said = f"/v1/cooperatives/{number}-{uuid4().hex}".encode()
    if number % 4:
        return said, b"GET %b HTTP/1.1\r\nHost: soak\r\n\r\n" % said
    head = b"POST /v1/filings HTTP/1.1\r\nHost: soak\r\nIdempotency-Key: %b\r\n" % said[-32:]
    return said, head + b"Content-Length: %d\r\n\r\n%b" % (len(said), said)


async def watch(doors: Doors, behind: int) -> Seen:
    """All of it."""
    scene = Scene(doors, behind)
    await scene.start()
    await scene.start()
    began = time.monotonic()
    callers = [Caller(scene.ports, fresh=n % 2 == 0) for n in range(_CALLERS)]
    calling = asyncio.gather(*(scene.call(caller) for caller in callers))
    while not calling.done() or scene.seen.replaced < _REPLACED:
        await scene.replace()
    await calling
    scene.seen.seconds = time.monotonic() - began
    return scene.seen


def table(seen: Seen) -> list[tuple[str, str]]:
    """What happened, line by line."""
    return [
        ("requests answered", f"{seen.answered:,} in {seen.seconds:.0f} s"),
        ("gateways replaced under way", f"{seen.replaced}"),
        ("failed / answered wrongly", f"{len(seen.failures)} / {seen.wrong} (0 / 0)"),
        ("connections refused, idle and closed", f"{seen.told['refused']:,}, "
         f"{seen.told['idle and closed']:,} (asked again, as HTTP allows)"),
        ("told that the connection ends", f"{seen.told['told to close']:,}"),
        *(("a failure", failure) for failure in seen.failures[:3]),
    ]  # fmt: skip


def report(cluster: Cluster, folder: Path) -> bool:
    """Run it and print the table; whether every promise was kept."""
    place = folder / "drain"
    place.mkdir(mode=0o700)
    doors, behind = Doors(cluster, place, set(cpu.CORES)), free_port()
    echo = subprocess.Popen([sys.executable, "-m", "tests.soak.echo", str(behind)], cwd=ROOT)
    try:
        while not listens(behind):
            time.sleep(0.05)
        seen = asyncio.run(watch(doors, behind))
    finally:
        doors.stop()
        echo.terminate()
        echo.wait()
    for name, value in table(seen):
        sys.stdout.write(f"{name:<42} {value}\n")
    sys.stdout.write("kept\n" if seen.is_kept else "BROKEN\n")
    return seen.is_kept
