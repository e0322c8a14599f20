"""What many callers meet at one address, call by call."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import quantiles

_PAUSE_S = 0.02
_GIVE_UP_S = 30.0


@dataclass(frozen=True)
class Call:
    """One call; status 0: it broke off, or nothing came for half a minute."""

    began: float
    seconds: float
    status: int
    is_problem: bool
    retry_after_s: float


async def call(port: int, target: str) -> Call:
    """Ask once, on a connection of its own."""
    began = time.monotonic()
    answer = b""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_GIVE_UP_S):
            answer = await _said(port, target)
    head = answer.partition(b"\r\n\r\n")[0].lower()
    return Call(
        began,
        time.monotonic() - began,
        int(head[9:12]) if head[9:12].isdigit() else 0,
        b"application/problem+json" in head,
        float(head.partition(b"retry-after: ")[2].partition(b"\r\n")[0] or 0),
    )


async def _said(port: int, target: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    told = f"GET {target} HTTP/1.1\r\nHost: soak\r\nX-Way: late\r\nConnection: close\r\n\r\n"
    writer.write(told.encode())
    try:
        return await reader.read()
    finally:
        writer.close()


async def calling(
    port: int, target: str, until: asyncio.Event, *, obeys: bool = False
) -> list[Call]:
    """Call one after the other; who `obeys` waits as long as refusals say, each a little else."""
    found = []
    while not until.is_set():
        found.append(await call(port, target))
        told_s = found[-1].retry_after_s if obeys else 0
        await asyncio.sleep(max(_PAUSE_S, told_s * random.uniform(1, 2)))
    return found


async def crowd(port: int, target: str, until: asyncio.Event, size: int) -> list[Call]:
    """All calls of so many callers."""
    said = await asyncio.gather(*(calling(port, target, until) for _ in range(size)))
    return [one for calls in said for one in calls]


def p99_ms(calls: Sequence[Call]) -> float:
    """Of a hundred calls, one takes longer."""
    return quantiles([one.seconds * 1000 for one in calls], n=100)[98]


def statuses(calls: Sequence[Call]) -> str:
    """How often which, as people read it."""
    told = Counter(one.status for one in calls)
    return ", ".join(f"{status} × {count:,}" for status, count in sorted(told.items())) or "none"
