"""What is written in one turn of the loop, written together at its end.

Each write may wake whoever waits at the other end, which costs more than the write. Once a peer is
awake the next writes find it so: many requests that come in one turn wake it once.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

log = structlog.get_logger()


class Turn:
    """Keeps the order of what is written to a transport, as long as all of it is written here."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.now: Callable[[], float] = self._loop.time  # in the loop's time
        self._all: list[tuple[Any, bytes]] = []

    def write(self, transport: Any, data: bytes) -> None:
        """Write this before anything else happens that is not of this turn."""
        if self._all and self._all[-1][0] is transport:
            self.flush()  # so that what a peer does not take is noticed before more is made for it
        if not self._all:
            self._loop.call_soon(self.flush)
        self._all.append((transport, data))

    def flush(self) -> None:
        """Write it now; before a transport is written to, or closed, in another way."""
        written, self._all = self._all, []
        for transport, data in written:
            if not transport.is_closing():
                self._write(transport, data)

    @staticmethod
    def _write(transport: Any, data: bytes) -> None:
        # what is behind it is for others, who must get it whatever is wrong with this one
        try:
            transport.write(data)
        except Exception:
            log.exception("unwritable")
            transport.abort()
