"""Reads that are asked for in one turn of the loop become one query.

Nothing is kept: whoever asks is answered by a query that began after they asked. Under load a query
finds many keys for little more than the price of one; alone, a caller waits no longer than before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

import structlog

K = TypeVar("K")
V = TypeVar("V")
log = structlog.get_logger()
_MOST_KEYS = 100  # in one query


class Gathered(Generic[K, V]):
    """`find` takes keys and returns what there is, by key."""

    def __init__(self, find: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._find = find
        self._asked: list[tuple[K, Callable[[V | None], None]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, key: K, tell: Callable[[V | None], None]) -> None:
        """Call `tell` soon with what there is under `key`: None for nothing, or if that cannot be
        known now."""
        if not self._asked:
            asyncio.get_running_loop().call_soon(self._go)
        self._asked.append((key, tell))

    def _go(self) -> None:
        asked, self._asked = self._asked, []
        for begin in range(0, len(asked), _MOST_KEYS):
            task = asyncio.create_task(self._answer(asked[begin : begin + _MOST_KEYS]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, asked: list[tuple[K, Callable[[V | None], None]]]) -> None:
        found: Mapping[K, V] = {}
        try:
            found = await self._find(list({key for key, _ in asked}))
        except Exception as error:  # noqa: BLE001 - whoever asked has another way, and meets it there
            log.warning("gathered_failed", error=type(error).__name__)
        for key, tell in asked:
            tell(found.get(key))
