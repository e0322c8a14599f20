"""Work that time brings: small acts repeated while the process lives, safe to run in N copies."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from chassis import trace

log = structlog.get_logger()


@dataclass(frozen=True)
class Timer:
    """`act(app)` every `every_s` seconds; it returns how much it did, and runs again at once while
    it did something. What each process needs for itself (`is_own`) also runs where no worker does.
    """

    name: str
    every_s: float
    act: Callable[[Any], Awaitable[int]]
    is_own: bool = False


async def keep_time(timer: Timer, app: Any) -> None:
    """Run `timer` for ever; a database that is away is waited for, any other failure is told."""
    while True:
        trace.begin()  # what it does, says and tells belongs together
        try:
            did = await timer.act(app)
        except Exception as error:  # noqa: BLE001 - ending here would stop the clock unseen
            log.warning("timer_waits", timer=timer.name, error=type(error).__name__)
            did = 0
            await asyncio.sleep(1)
        if not did:
            await asyncio.sleep(timer.every_s)
