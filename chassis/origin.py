"""The connections to one address: the one that served last serves next, so that few stay warm."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from chassis.connection import Asker, Asking, Connection, Failure
from chassis.turn import Turn

# Below the 5 s after which uvicorn closes an idle connection: we leave first.
KEEP_S = 3.0
LOOK_S = 0.5


class Origin:
    """Asks at `http(s)://host[:port]`, on `most` connections at most; who finds none waits.
    With a `turn`, what is asked in one turn of the loop is written at its end."""

    def __init__(
        self, url: str, most: int = 200, connect_s: float = 2.0, turn: Turn | None = None
    ) -> None:
        self._loop = asyncio.get_running_loop()  # to ask for it costs a system call each time
        self._turn = turn
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.authority = parts.netloc.rpartition("@")[2].encode()
        self._is_secret = parts.scheme == "https"
        self._most = most
        self._connect_s = connect_s
        self._all: set[Connection] = set()
        self._idle: list[Connection] = []
        self._waiting: deque[Asking] = deque()
        self._opening: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._looker: asyncio.TimerHandle | None = None
        self._tls: ssl.SSLContext | None = None

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self._all)

    def ask(self, asking: Asking) -> None:
        """Carry a request as soon as there is a connection; its asker is told all that follows."""
        connection = self._kept()
        if connection is not None:
            connection.carry(asking)
            return
        self._waiting.append(asking)
        self._open_more()

    def forget(self, asker: Asker) -> None:
        """Ask no more for one who is still waiting for a connection."""
        for asking in self._waiting:
            if asking.asker is asker:
                self._waiting.remove(asking)
                return

    async def close(self) -> None:
        """Close every connection; who still waits is told."""
        for task in list(self._opening):
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for timer in (self._sweeper, self._looker):
            if timer is not None:
                timer.cancel()
        self._sweeper = self._looker = None
        for connection in list(self._all):
            connection.abort()
        while self._waiting:
            self._waiting.popleft().asker.failed(Failure.UNREACHABLE)

    # What connections tell.

    def writer(self, transport: Any) -> Callable[[bytes], None]:
        """How to write there."""
        return partial(self._turn.write, transport) if self._turn else transport.write

    def free(self, connection: Connection) -> None:
        """One may serve again."""
        if self._waiting:
            connection.carry(self._waiting.popleft())
            return
        connection.idle_since = self._loop.time()
        self._idle.append(connection)
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(KEEP_S, self._sweep)

    def gone(self, connection: Connection) -> None:
        """One is closed."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._open_more()

    def repeat(self, asking: Asking) -> None:
        """Ask once more, on a connection that never served: others may have died with this one."""
        asking.may_repeat = False
        for connection in list(self._idle):
            connection.abort()
        self._idle.clear()
        self._waiting.appendleft(asking)
        self._open_more()

    def _kept(self) -> Connection | None:
        # after a turn of ours that took long, what we meant to leave by then is still here
        since = self._loop.time() - KEEP_S
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since > since and not connection.is_closing:
                return connection
            connection.abort()
        return None

    def _sweep(self) -> None:
        # the oldest come first; what was idle for too long may be closed by the peer any moment
        until = self._loop.time() - KEEP_S
        while self._idle and self._idle[0].idle_since <= until:
            self._idle.pop(0).abort()
        self._sweeper = self._loop.call_later(KEEP_S / 4, self._sweep) if self._idle else None

    def _look(self) -> None:
        # the kernel would try to reach a peer behind a cut line for a quarter of an hour
        for connection in [one for one in self._all if one.is_cut]:
            connection.abort()
        self._looker = self._loop.call_later(LOOK_S, self._look) if self._all else None

    @property
    def _room(self) -> int:
        return self._most - len(self._all)

    def _open_more(self) -> None:
        while len(self._opening) < min(len(self._waiting), self._room):
            task = self._loop.create_task(self._open())
            self._opening.add(task)
            task.add_done_callback(self._opened)

    async def _open(self) -> None:
        async with asyncio.timeout(self._connect_s):
            _, connection = await self._loop.create_connection(
                lambda: Connection(self), self.host, self.port, ssl=self._secrecy()
            )
        self._all.add(connection)
        if self._looker is None:
            self._looker = self._loop.call_later(LOOK_S, self._look)
        if connection.is_closing:
            self.gone(connection)
            raise OSError("closed at once")
        self.free(connection)

    def _secrecy(self) -> ssl.SSLContext | None:
        if self._is_secret and self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        if task.cancelled():
            return
        if task.exception() is not None and self._waiting:
            self._waiting.popleft().asker.failed(Failure.UNREACHABLE)
        self._open_more()
