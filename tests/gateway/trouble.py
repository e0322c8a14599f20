"""A service that can be made to fail in every way in which a process or a line fails."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from local.vacant import free_port

_READY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
_HALF_HEAD = b"HTTP/1.1 200 OK\r\ncontent-le"
_HALF_BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"
WAYS = ("closed", "stalled", "resetting", "garbage", "half a head", "half a body")


class Trouble:
    """Speaks HTTP while `way` is "well"; counts the requests that reached it whatever it does."""

    def __init__(self) -> None:
        self.way = "well"
        self.seen: Counter[str] = Counter()  # by "METHOD /path"
        self.heads: list[str] = []
        self.port = free_port()
        self.release = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def count(self) -> int:
        """How many calls of callers; probes and peers come besides."""
        return sum(n for asked, n in self.seen.items() if " /v1/" in asked)

    async def live(self) -> None:
        """Listen, at the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def die(self) -> None:
        """End as `kill -9` ends it: nobody listens, every connection is gone."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._answer(reader, writer):
                pass
        self._writers.discard(writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        method, path, _ = head.partition("\r\n")[0].split(" ")
        self.seen[f"{method} {path}"] += 1
        length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(length or 0))
        if self.way == "stalled":
            await self.release.wait()
        elif self.way == "resetting":
            found: socket.socket = writer.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.write(self._said(method))
        await writer.drain()
        return self.way in ("well", "stalled")

    def _said(self, method: str) -> bytes:
        if self.way in ("well", "stalled"):
            return _READY.removesuffix(b"ok") if method == "HEAD" else _READY
        told = {"garbage": b"\x16\x03\x01 what?\r\n\r\n", "half a head": _HALF_HEAD}
        told["half a body"] = _HALF_BODY
        return told.get(self.way, b"")


@asynccontextmanager
async def trouble() -> AsyncIterator[Trouble]:
    found = Trouble()
    await found.live()
    yield found
    found.release.set()
    await found.die()
