"""A service that is killed, stopped or slow: how soon it is left alone, how soon it is used again,
and what the others feel of it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import cpu
from bench.doors import Doors, listens
from gateway.settings import SERVICES
from local.members import ROOT
from local.postgres import Cluster
from local.vacant import free_port
from tests.soak.calls import Call, call, calling, p99_ms, statuses

SLOW_S = 5.0
RATIO = 1.5
CALLS, BACK_S = 10, 2.0
_ROUNDS, _ROUND_S = int(os.environ.get("SOAK_ROUNDS", "5")), 6.0
_OTHERS, _WAITING = 4, 50
_AT_ONCE_S = 0.5
_ILL, _WELL = "/v1/offers/1", "/v1/cooperatives/1"


@dataclass
class Seen:
    """What callers of the ill service and of the others met."""

    opened_after: dict[str, int]
    back_after_s: dict[str, float]
    alone_ms: list[float]
    beside_ms: list[float]
    others: list[Call]
    waiting: list[Call]

    @property
    def ratio(self) -> float:
        """The medians of the p99 of each round."""
        return median(self.beside_ms) / median(self.alone_ms)

    @property
    def is_kept(self) -> bool:
        """Whether every promise holds."""
        is_quick = all(count <= CALLS for count in self.opened_after.values())
        is_back = all(seconds <= BACK_S for seconds in self.back_after_s.values())
        is_told = all(one.status == 200 or one.is_problem for one in self.waiting)
        is_well = all(one.status == 200 for one in self.others)
        return is_quick and is_back and is_told and is_well and self.ratio <= RATIO


class Ill:
    """The service that falls ill, at one port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def live(self) -> None:
        """Serve, from now on or again."""
        command = [sys.executable, "-m", "tests.soak.echo", str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT)
        while not listens(self.port):
            time.sleep(0.01)

    def tell(self, sig: signal.Signals) -> None:
        """Kill, stop, let go on."""
        assert self._process is not None
        self._process.send_signal(sig)
        if sig in (signal.SIGKILL, signal.SIGTERM):
            self._process.wait()


class Resetting:
    """A service that ends each connection when it is asked; it counts what callers asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.asked += b" /v1/" in await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()


async def _until_open(port: int, asked: Callable[[], int]) -> int:
    """How many calls reach a service that resets, until one does not."""
    for _ in range(100):
        before = asked()
        await call(port, _ILL)
        if asked() == before:
            break
    return asked()


async def _until_quick(port: int) -> int:
    """How many calls hang with a service that was stopped, until one is refused at once."""
    for count in range(100):
        if (await call(port, _ILL)).seconds < _AT_ONCE_S:
            return count
    return 100


async def _until_back(port: int) -> float:
    began, good = time.monotonic(), 0
    first = 0.0
    while good < 20:
        found = await call(port, _ILL)
        good = good + 1 if found.status == 200 else 0
        first = found.began + found.seconds if good == 1 else first
        await asyncio.sleep(0.02)
    return first - began


async def _break(seen: Seen, port: int, ill: Ill) -> None:
    ill.tell(signal.SIGKILL)
    resetting = Resetting()
    server = await asyncio.start_server(resetting, "127.0.0.1", ill.port)
    seen.opened_after["that resets"] = await _until_open(port, lambda: resetting.asked)
    server.close()
    await server.wait_closed()
    await asyncio.to_thread(ill.live)
    seen.back_after_s["killed"] = await _until_back(port)
    ill.tell(signal.SIGSTOP)
    seen.opened_after["that was stopped"] = await _until_quick(port)
    ill.tell(signal.SIGCONT)
    seen.back_after_s["stopped"] = await _until_back(port)
    ill.tell(signal.SIGTERM)


async def _slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(SLOW_S)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
        writer.close()


async def _round(port: int, *, is_beside: bool) -> tuple[list[Call], list[Call]]:
    is_over = asyncio.Event()
    waiting = [
        asyncio.create_task(calling(port, _ILL, is_over, obeys=True))
        for _ in range(_WAITING if is_beside else 0)
    ]
    await asyncio.sleep(1)
    others = [asyncio.create_task(calling(port, _WELL, is_over)) for _ in range(_OTHERS)]
    await asyncio.sleep(_ROUND_S)
    is_over.set()
    well = [one for calls in await asyncio.gather(*others) for one in calls]
    return well, [one for calls in await asyncio.gather(*waiting) for one in calls]


async def watch(port: int, ill: Ill) -> Seen:
    """Break it, then let it be slow, in turns with a quiet time."""
    seen = Seen({}, {}, [], [], [], [])
    await _break(seen, port, ill)
    server = await asyncio.start_server(_slow, "127.0.0.1", ill.port)
    for _ in range(_ROUNDS):
        for is_beside, kept in ((False, seen.alone_ms), (True, seen.beside_ms)):
            well, waiting = await _round(port, is_beside=is_beside)
            kept.append(p99_ms(well))
            seen.others += well
            seen.waiting += waiting
    server.close()
    return seen


def table(seen: Seen) -> list[tuple[str, str]]:
    """What happened, line by line."""
    return [
        *(
            (f"a service {how}: calls until it is left alone", f"{count} (≤ {CALLS})")
            for how, count in seen.opened_after.items()
        ),
        *(
            (f"a service {how}, and back: used again after", f"{seconds:.2f} s (≤ {BACK_S:.0f})")
            for how, seconds in seen.back_after_s.items()
        ),
        (f"who waits for a service that takes {SLOW_S:.0f} s", statuses(seen.waiting)),
        ("who asks the others", statuses(seen.others)),
        (
            "p99 of the others beside it, and alone",
            f"{median(seen.beside_ms):.1f} and {median(seen.alone_ms):.1f} ms: "
            f"× {seen.ratio:.2f} (≤ {RATIO})",
        ),
    ]


def report(cluster: Cluster, folder: Path) -> bool:
    """Run it and print the table; whether every promise was kept."""
    place = folder / "faults"
    place.mkdir(mode=0o700)
    doors, behind, ill = Doors(cluster, place, set(cpu.CORES)), free_port(), Ill(free_port())
    echo = Ill(behind)
    echo.live()
    ill.live()
    try:
        peers = dict.fromkeys(SERVICES, f"http://127.0.0.1:{behind}")
        peers["financing"] = f"http://127.0.0.1:{ill.port}"
        gateway = doors.gateway(behind, GATEWAY_PEERS=json.dumps(peers))
        seen = asyncio.run(watch(gateway.port, ill))
    finally:
        doors.stop()
        echo.tell(signal.SIGTERM)
        ill.tell(signal.SIGKILL)
    for name, value in table(seen):
        sys.stdout.write(f"{name:<50} {value}\n")
    sys.stdout.write("kept\n" if seen.is_kept else "BROKEN\n")
    return seen.is_kept
