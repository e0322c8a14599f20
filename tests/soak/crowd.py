"""Processes that stand before a gateway: those who only hold connections, and one who asks.

`python -m tests.soak.crowd slow|idle|ask PORT COUNT SECONDS` prints what it saw as JSON.
"""

import asyncio
import http.client
import json
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

import uvloop

_BODY = b"Host: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
# what they send first, and what they add each second
KINDS = [
    (b"", b""),  # says nothing
    (b"GET /v1/cooperatives HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"x"),  # a head without end
    (b"POST /v1/repayment-schedules HTTP/1.1\r\n" + _BODY, b" "),  # a body, on its way to a service
    (b"POST /v1/me HTTP/1.1\r\n" + _BODY, b" "),  # one whose answer came at once
]
_BATCH = 200
_PATHS = ("/v1/problems/NOT_FOUND", "/v1/code-lists/sectors", "/v1/cooperatives")


@dataclass
class Crowd:
    """Connections of one process, and how they fared."""

    port: int
    alive: set["Held"] = field(default_factory=set)
    ages_s: list[float] = field(default_factory=list)
    again: Callable[["Held"], None] | None = None

    async def gather(self, count: int) -> None:
        """Open `count` connections, from eight addresses of this machine."""
        for begin in range(0, count, _BATCH):
            numbers = range(begin, min(begin + _BATCH, count))
            await asyncio.gather(*(self.open(Held(self, n)) for n in numbers))

    async def open(self, held: "Held") -> None:
        """Open one; a full house is tried again."""
        loop, source = asyncio.get_running_loop(), f"127.0.0.{2 + held.number % 8}"
        while True:
            try:
                await loop.create_connection(
                    lambda: held, "127.0.0.1", self.port, local_addr=(source, 0)
                )
            except OSError:
                await asyncio.sleep(0.1)
            else:
                return

    def drip(self) -> None:
        """Let every slow one send a little."""
        for held in list(self.alive):
            held.drip()


class Held(asyncio.Protocol):
    """One connection that is held."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.number = number
        self._crowd = crowd

    def connection_made(self, transport: Any) -> None:
        self._transport, self._opened_at = transport, monotonic()
        self._crowd.alive.add(self)
        if self._crowd.again is None:
            transport.write(KINDS[self.number % len(KINDS)][0])

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.alive.discard(self)
        self._crowd.ages_s.append(monotonic() - self._opened_at)
        if self._crowd.again is not None:
            self._crowd.again(self)

    def drip(self) -> None:
        self._transport.write(KINDS[self.number % len(KINDS)][1])


async def slow(port: int, count: int, seconds: float) -> dict[str, Any]:
    """Hold `count` slow ones and drip; how many are alive `seconds` after the last came."""
    crowd = Crowd(port)
    began = monotonic()
    await crowd.gather(count)
    gathered_s = monotonic() - began
    for _ in range(int(seconds)):
        await asyncio.sleep(1)
        crowd.drip()
    alive = len(crowd.alive)
    oldest_s = max(crowd.ages_s, default=0.0)
    return {"alive": alive, "oldest_s": oldest_s, "gathered_s": gathered_s}


async def idle(port: int, count: int, seconds: float) -> dict[str, Any]:
    """Hold `count` idle ones for `seconds`, each opened again when it ends; the fewest at once."""
    tasks: set[asyncio.Task[None]] = set()

    def again(held: Held) -> None:
        task = asyncio.get_running_loop().create_task(crowd.open(Held(crowd, held.number)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    crowd = Crowd(port, again=again)
    await crowd.gather(count)
    sys.stdout.write("gathered\n")
    sys.stdout.flush()
    seen = []
    for _ in range(int(seconds * 4)):
        await asyncio.sleep(0.25)
        seen.append(len(crowd.alive))
    return {"fewest": min(seen), "middle": sorted(seen)[len(seen) // 2], "ended": len(crowd.ages_s)}


def ask(port: int, count: int, seconds: float) -> dict[str, Any]:
    """Ask `count` times in about `seconds`, on a connection that is kept as long as it lasts."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    took_ms, failures = [], 0
    for n in range(count):
        began = monotonic()
        try:
            connection.request("GET", _PATHS[n % len(_PATHS)])
            answer = connection.getresponse()
            answer.read()
            failures += answer.status != 200
        except (OSError, http.client.HTTPException):
            failures += 1
            connection.close()
        took_ms.append((monotonic() - began) * 1000)
        sleep(max(0.0, seconds / count - (monotonic() - began)))
    ordered = sorted(took_ms)
    p99 = ordered[int(len(ordered) * 0.99)]
    return {"failures": failures, "p50": ordered[count // 2], "p99": p99, "max": ordered[-1]}


def main(what: str, port: int, count: int, seconds: float) -> None:
    """Do it and print what was seen."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if what == "ask":
        seen = ask(port, count, seconds)
    else:
        seen = uvloop.run({"slow": slow, "idle": idle}[what](port, count, seconds))
    sys.stdout.write(json.dumps(seen) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
