"""One count for all gateways, kept by a Valkey or Redis server.

What is asked in one turn of the loop goes there in one script, and so does what is asked while
that is under way: a round trip is shared by as many requests as there are. Nobody waits for a
server that is away: whoever asks is told at once, and counts in this process until it is back.
"""

import asyncio
import hashlib
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from enum import IntEnum
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from valkey.asyncio import Valkey
from valkey.asyncio.retry import Retry
from valkey.backoff import NoBackoff
from valkey.exceptions import InvalidResponse, NoScriptError, ValkeyError

from chassis.metrics import Counter
from gateway.limits.tiers import Rate, RouteClass

log = structlog.get_logger()
APART = Counter("limits_counted_apart", "Counts made by this process alone, the store being away.")
LOSSES = Counter("limits_store_losses", "How often the store of shared counts went away.")
_SCRIPT = Path(__file__).with_name("count.lua").read_text(encoding="utf-8")
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
_SPACE = "{mboolo-limits}1"  # all on one shard of a cluster; the number changes with what is kept
_MOST_ASKS = 200  # in one script: while it runs the server does nothing else
_SLICES = 5
_CONNECT_S = 1.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _STEADY_S = 0.05, 5.0, 10.0


class Act(IntEnum):
    """What may be done with a count."""

    GIVE_BACK = -1
    LOOK = 0
    TAKE = 1


class Ask(NamedTuple):
    """One act; `bound` is the quota of the day, or for what is given back the day it was taken."""

    key: str
    act: Act
    interval_ns: int
    span_ns: int
    bound: int


class Count(NamedTuple):
    """What the server has counted; `verdict` is 0, or says what forbids one more."""

    verdict: int
    missing_ns: int
    used: int
    day: int  # an ordinal, as `Moment` has it


DAY_FORBIDS = 2  # a verdict; 1 is said by the bucket
_DAYS_BEFORE_1970 = date(1970, 1, 1).toordinal()
Tell = Callable[[Count | None], None]
_PROBE = Ask(f"{_SPACE}:probe", Act.TAKE, 1, 10**9, 10**9)


def key_of(who: str, route_class: RouteClass, *, is_known: bool) -> str:
    """Where something is counted; an address or a client is not named there."""
    named = f"{int(is_known)} {who}".encode()
    return f"{_SPACE}:{route_class}:{hashlib.blake2b(named, digest_size=16).hexdigest()}"


def ask_of(key: str, act: Act, rate: Rate, day: int = 0) -> Ask:
    """An act within `rate`."""
    bound = day - _DAYS_BEFORE_1970 if act is Act.GIVE_BACK else rate.daily
    return Ask(key, act, rate.interval_ns, rate.span_ns, bound)


def _read(told: Any, most: int) -> list[Count]:
    if not isinstance(told, list) or len(told) != 2 + 3 * most:
        raise InvalidResponse
    day, _, *rest = told
    rows = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    return [Count(*row, day + _DAYS_BEFORE_1970) for row in rows]


class Shared:
    """The server's counts. `ahead_s` tells how far the legal clock is ahead of UTC."""

    def __init__(self, url: str, patience_s: float, ahead_s: Callable[[], int]) -> None:
        # What was sent may have been counted: it is never sent again.
        self._client = Valkey.from_url(
            url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=_CONNECT_S, max_connections=4
        )
        self._patience_s = patience_s
        self._ahead_s = ahead_s
        self._asked: list[tuple[Ask, Tell]] = []
        self._flight: asyncio.Task[None] | None = None
        self._return: asyncio.Task[None] | None = None
        self._pause_s = _FIRST_PAUSE_S
        self._changed_at = float("-inf")
        self.is_away = False

    async def open(self) -> None:
        """Be connected before the first request, if the server is there."""
        try:
            async with asyncio.timeout(_CONNECT_S):
                await self._trip([_PROBE])
        except (ValkeyError, OSError) as error:
            self._lose(error)

    async def close(self) -> None:
        """Ask nothing more."""
        for task in (self._flight, self._return):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        self._tell_nothing()
        await self._client.aclose()

    def ask(self, ask: Ask, tell: Tell) -> None:
        """Call `tell` soon with what was counted; with None when the server is away."""
        if self.is_away:
            APART.add()
            tell(None)
            return
        self._asked.append((ask, tell))
        if self._flight is None:
            self._flight = asyncio.get_running_loop().create_task(self._fly())

    async def answer(self, ask: Ask) -> Count | None:
        """What was counted; None when the server is away."""
        if self.is_away:  # without a turn of the loop
            APART.add()
            return None
        told: asyncio.Future[Count | None] = asyncio.get_running_loop().create_future()
        self.ask(ask, lambda count: None if told.done() else told.set_result(count))
        return await told

    async def _fly(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:_MOST_ASKS], self._asked[_MOST_ASKS:]
                await self._carry(batch)
        finally:
            self._flight = None
            self._tell_nothing()

    async def _carry(self, batch: Sequence[tuple[Ask, Tell]]) -> None:
        counts: Sequence[Count | None] = [None] * len(batch)
        try:
            counts = await self._patiently([ask for ask, _ in batch])
        except (ValkeyError, OSError) as error:
            APART.add(by=len(batch))
            self._lose(error)
        finally:  # whatever happens, nobody is left waiting
            for (_, tell), count in zip(batch, counts, strict=True):
                tell(count)

    async def _patiently(self, asks: Sequence[Ask]) -> list[Count]:
        # in slices: after a turn of the loop that took long the answer may lie here already, and
        # must be read before anybody says that it is late
        trip = asyncio.create_task(self._trip(asks))
        try:
            for _ in range(_SLICES):
                await asyncio.wait({trip}, timeout=self._patience_s / _SLICES)
                if trip.done():
                    return trip.result()
            raise TimeoutError
        finally:
            trip.cancel()  # which closes its connection, so that nobody reads what comes late

    async def _trip(self, asks: Sequence[Ask]) -> list[Count]:
        keys = [ask.key for ask in asks]
        numbers = chain.from_iterable(ask[1:] for ask in asks)
        words = [len(keys), *keys, self._ahead_s(), *map(int, numbers)]
        try:
            told = await self._client.evalsha(_SHA, *words)
        except NoScriptError:  # nothing was counted: the server does not know the script yet
            await self._client.script_load(_SCRIPT)
            told = await self._client.evalsha(_SHA, *words)
        return _read(told, len(asks))

    def _lose(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._changed_at > _STEADY_S:
            self._pause_s = _FIRST_PAUSE_S
        log.warning("limits_counted_apart", error=type(error).__name__)
        LOSSES.add()
        self.is_away, self._changed_at = True, now
        self._tell_nothing()
        self._return = asyncio.get_running_loop().create_task(self._come_back())

    async def _come_back(self) -> None:
        while self.is_away:
            await asyncio.sleep(self._pause_s * random.uniform(0.5, 1))  # noqa: S311  no secret
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
            with suppress(ValkeyError, OSError):
                async with asyncio.timeout(_CONNECT_S):
                    await self._trip([_PROBE])
                now = time.monotonic()
                log.info("limits_counted_together", away_s=round(now - self._changed_at, 2))
                self.is_away, self._changed_at = False, now

    def _tell_nothing(self) -> None:
        waiting, self._asked = self._asked, []
        APART.add(by=len(waiting))
        for _, tell in waiting:
            tell(None)
