"""The server of a process: it leaves without failing anybody, and looks things up anew when told.

SIGTERM: it says that it is not ready, so that nobody new is sent here, and lets `drain_s` pass;
whoever is answered meanwhile is told that this connection ends. Then it takes in whoever has
knocked already, closes the door, finishes what is under way, and ends.
"""

import asyncio
import os
import signal
import socket
import time
from contextlib import suppress
from typing import Any

import uvicorn


class Server(uvicorn.Server):
    """Serves one application, whose `state` learns that it is leaving."""

    def __init__(self, config: uvicorn.Config, *, drain_s: float) -> None:
        super().__init__(config)
        self._drain_s = drain_s
        self._leaves_at: float | None = None
        self._doors: list[socket.socket] = []
        # asked for at every request: not to be there would cost it an error
        self.server_state.is_leaving = False  # type: ignore[attr-defined]

    @property
    def _state(self) -> Any:
        app: Any = self.config.app
        return app.state

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM begins to leave; a second one, or Ctrl-C, does not wait."""
        is_first = self._leaves_at is None and not self.should_exit
        if sig == signal.SIGTERM and is_first and self._drain_s > 0:
            self._captured_signals.append(sig)
            self.leave()
        else:
            self.leave()
            super().handle_exit(sig, frame)

    def leave(self) -> None:
        """Be not ready from now on, and keep no connection that is used again."""
        if self._leaves_at is None:
            self._leaves_at = time.monotonic() + self._drain_s
            self._state.is_leaving = self.server_state.is_leaving = True  # type: ignore[attr-defined]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the doors."""
        await super().startup(sockets)
        self._doors = [
            socket.socket(fileno=os.dup(found.fileno()))
            for server in self.servers
            for found in server.sockets
        ]
        reload = getattr(self._state, "reload", None)
        if reload is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to close."""
        is_over = await super().on_tick(counter)
        return is_over or (self._leaves_at is not None and time.monotonic() >= self._leaves_at)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the doors, and finish."""
        self.leave()
        for server in self.servers:
            server.close()
        await self._let_in(self._knocking())
        await super().shutdown(sockets)

    def _knocking(self) -> list[socket.socket]:
        # To close a door on those whose connection stands, but was not taken up yet, would reset
        # it, perhaps after they have asked.
        found = []
        for door in self._doors:
            door.setblocking(False)
            try:
                while True:
                    found.append(door.accept()[0])
            except OSError:  # nobody any more
                door.close()
        self._doors = []
        return found

    async def _let_in(self, knocking: list[socket.socket]) -> None:
        loop = asyncio.get_running_loop()
        for one in knocking:
            await loop.connect_accepted_socket(self._protocol, one)

    def _protocol(self) -> asyncio.Protocol:
        made: Any = self.config.http_protocol_class
        found: asyncio.Protocol = made(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return found


def run(config: uvicorn.Config, *, drain_s: float) -> None:
    """Serve until told to end."""
    server = Server(config, drain_s=drain_s)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(3)
