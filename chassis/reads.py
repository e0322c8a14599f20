"""Hot reads: prepared SQL on asyncpg, through a pool that serves waiters in order of arrival.

asyncpg's own pool resets a connection at each release (one more round trip) and lets newcomers
overtake waiters (p99 in the hundreds of milliseconds under load); see docs/adr.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar, cast

import asyncpg
import orjson
from asyncpg import Connection, Record

from chassis.errors import DatabaseUnavailable
from chassis.gathered import Gathered

K = TypeVar("K")
V = TypeVar("V")
Find = Callable[["Reads", list[K]], Awaitable[Mapping[K, V]]]
_PATIENCE_S = 1.0
_SESSION = {
    "idle_in_transaction_session_timeout": "15s",
    "statement_timeout": "10s",
    "timezone": "UTC",
    "application_name": "mboolo-reads",
}


async def connect(url: str) -> "Connection[Record]":
    """A connection that speaks JSON both ways."""
    connection = await asyncpg.connect(url, timeout=5, server_settings=_SESSION)
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=_encode, decoder=orjson.loads
        )
    return connection


def _encode(value: Any) -> str:
    return orjson.dumps(value).decode()


class Reads:
    """A small FIFO pool. No session state outside transactions, so nothing needs a reset.

    `_open` counts places, not connections: the place of a connection that died goes to the next
    waiter, who connects again, so that newcomers can neither overtake nor exceed the size.
    """

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._size = size
        self._open = 0
        self._idle: list[Connection[Record]] = []
        self._waiters: deque[asyncio.Future[Connection[Record] | None]] = deque()
        self._gathered: dict[Any, Gathered[Any, Any]] = {}

    @asynccontextmanager
    async def connection(self) -> "AsyncIterator[Connection[Record]]":
        """A connection for the block; 503 when none comes free within a second."""
        connection = await self._acquire()
        try:
            yield connection
        finally:
            self._release(connection)

    async def fetch(self, sql: str, *args: Any) -> "list[Record]":
        """All rows."""
        connection = await self._acquire()  # as in `connection`, for less
        try:
            rows: list[Record] = await connection.fetch(sql, *args)
            return rows
        finally:
            self._release(connection)

    async def fetchrow(self, sql: str, *args: Any) -> "Record | None":
        """The first row, or None."""
        connection = await self._acquire()
        try:
            return await connection.fetchrow(sql, *args)
        finally:
            self._release(connection)

    async def together(self, find: Find[K, V], key: K) -> V | None:
        """What `find`, a function of a module, reads for `key`: in one query with all who ask it
        meanwhile."""
        gathered = self._gathered.get(find)
        if gathered is None:
            gathered = self._gathered[find] = Gathered(partial(find, self))
        return cast("V | None", await gathered.get(key))

    def figures(self) -> dict[str, dict[str, int]]:
        """How the pool is doing, under its name."""
        waiting = sum(not waiter.done() for waiter in self._waiters)
        in_use = self._open - len(self._idle)
        return {"reads": {"in_use": in_use, "size": self._size, "waiting": waiting}}

    async def close(self) -> None:
        """Close idle connections; borrowed ones close at their return."""
        self._size = 0
        for connection in self._idle:
            await connection.close()
        self._idle.clear()

    async def _acquire(self) -> "Connection[Record]":
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._open -= 1
        if self._open < self._size:
            self._open += 1
            return await self._connect()
        waiter: asyncio.Future[Connection[Record] | None] = asyncio.Future()
        self._waiters.append(waiter)
        try:
            given = await asyncio.wait_for(waiter, _PATIENCE_S)
        except BaseException as error:
            self._hand_back(waiter)
            if isinstance(error, TimeoutError):
                raise DatabaseUnavailable() from error
            raise
        return given if given is not None else await self._connect()

    def _hand_back(self, waiter: "asyncio.Future[Connection[Record] | None]") -> None:
        # a connection handed over in the very moment its waiter gave up must not be lost
        if waiter.done() and not waiter.cancelled():
            given = waiter.result()
            if given is None:
                self._give_up_place()
            else:
                self._release(given)

    async def _connect(self) -> "Connection[Record]":
        try:
            return await connect(self._url)
        except BaseException:
            self._give_up_place()
            raise

    def _give_up_place(self) -> None:
        if not self._wake_one(None):
            self._open -= 1

    def _release(self, connection: "Connection[Record]") -> None:
        # a transaction that a cancelled task could not end must not be met by the next borrower
        if connection.is_closed() or connection.is_in_transaction() or self._size == 0:
            with suppress(Exception):
                connection.terminate()
            self._give_up_place()
        elif not self._wake_one(connection):
            self._idle.append(connection)

    def _wake_one(self, connection: "Connection[Record] | None") -> bool:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False
