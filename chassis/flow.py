"""What uvicorn keeps for each connection, without the queues that most never need: of ten thousand
connections nearly all say nothing."""

import asyncio
from typing import Any


class Flow:
    """Whether a connection is read from, and written to; as uvicorn's `FlowControl`."""

    __slots__ = ("_transport", "_waiting", "read_paused", "write_paused")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._waiting: list[asyncio.Future[None]] | None = None
        self.read_paused = self.write_paused = False

    async def drain(self) -> None:
        """Wait until it takes more."""
        if self.write_paused:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting = [*(self._waiting or ()), waiting]
            await waiting

    def pause_reading(self) -> None:
        """Read no more for now."""
        if not self.read_paused:
            self.read_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if self.read_paused:
            self.read_paused = False
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        """It takes no more for now."""
        self.write_paused = True

    def resume_writing(self) -> None:
        """It takes more; or is lost, and nobody need wait."""
        self.write_paused = False
        waiting, self._waiting = self._waiting, None
        for one in waiting or ():
            if not one.done():
                one.set_result(None)


class Line(list[Any]):
    """Those who wait behind one another: few, so that the beginning of a list will do."""

    __slots__ = ()

    def appendleft(self, one: Any) -> None:
        """At its end; `pop` takes who came first."""
        self.insert(0, one)
