"""Reads that are asked for in one turn of the loop, or while others wait, become one query.

Nothing is kept: whoever asks is answered by a query that began after they asked. Under load a query
finds many keys for little more than the price of one; alone, a caller waits no longer than before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar

import structlog

K = TypeVar("K")
V = TypeVar("V")
log = structlog.get_logger()
_MOST_KEYS = 100  # in one query
_MOST_QUERIES = 2  # at once: who asks meanwhile waits for the end of one, and goes with the others
_PATIENCE_S = 0.25  # so long: a query that hangs must not keep all others
Fail = Callable[[Exception], None]


class Gathered(Generic[K, V]):
    """`find` takes keys and returns what there is, by key."""

    def __init__(self, find: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._find = find
        self._asked: list[tuple[K, Callable[[V | None], None], Fail | None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._late: asyncio.TimerHandle | None = None

    def ask(self, key: K, tell: Callable[[V | None], None], fail: Fail | None = None) -> None:
        """Call `tell` soon with what there is under `key`: None for nothing. If that cannot be
        known now, `fail` hears why; where there is none, `tell` hears of nothing."""
        if not self._asked:
            loop = asyncio.get_running_loop()
            if len(self._tasks) < _MOST_QUERIES:
                loop.call_soon(self._go)
            else:
                self._late = loop.call_later(_PATIENCE_S, self._go)
        self._asked.append((key, tell, fail))

    async def get(self, key: K) -> V | None:
        """What there is under `key`, or why that cannot be known."""
        told: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self.ask(key, partial(_tell, told), partial(_fail, told))
        return await told

    def _go(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        asked, self._asked = self._asked, []
        for begin in range(0, len(asked), _MOST_KEYS):
            task = asyncio.create_task(self._answer(asked[begin : begin + _MOST_KEYS]))
            self._tasks.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if self._asked and len(self._tasks) < _MOST_QUERIES:
            self._go()

    async def _answer(self, asked: list[tuple[K, Callable[[V | None], None], Fail | None]]) -> None:
        found: Mapping[K, V] = {}
        failed: Exception | None = None
        try:
            found = await self._find(list({key for key, _, _ in asked}))
        except Exception as error:  # noqa: BLE001 - whoever asked hears of it, or has another way
            failed = error
            log.warning("gathered_failed", error=type(error).__name__)
        for key, tell, fail in asked:
            try:
                if failed is not None and fail is not None:
                    fail(failed)
                else:
                    tell(found.get(key))
            except Exception:  # the others must hear of theirs
                log.exception("gathered_untold")


def _tell(told: "asyncio.Future[V | None]", found: V | None) -> None:
    if not told.done():  # whoever asked may have left
        told.set_result(found)


def _fail(told: "asyncio.Future[Any]", error: Exception) -> None:
    if not told.done():
        told.set_exception(error)
