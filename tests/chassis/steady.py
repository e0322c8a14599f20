"""A caller who keeps connections and asks again only where HTTP lets it: when nobody took the
connection, or when one that had been idle was closed before a byte of an answer (RFC 9110 §9.2.2,
RFC 9112 §9.3.1). Anything else is a failure."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import count

_ATTEMPTS = 20
_PAUSE_S = 0.02


class Failed(Exception):
    """What HTTP does not let a caller repeat."""


class _Closed(Exception):
    """An idle connection ended before anything was answered."""


class Caller:
    """One caller of several processes, in turns; `fresh`: a new connection for each request."""

    def __init__(self, ports: Sequence[int], *, fresh: bool = False) -> None:
        self.ports = ports
        self.told: Counter[str] = Counter()
        self._fresh = fresh
        self._turns = count()
        self._kept: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """The status and body of an answer, wherever it comes from."""
        for _ in range(_ATTEMPTS):
            port = self.ports[next(self._turns) % len(self.ports)]
            try:
                return await self._ask(port, request)
            except ConnectionRefusedError:
                self.told["refused"] += 1
                await asyncio.sleep(_PAUSE_S)
            except _Closed:
                self.told["idle and closed"] += 1
        raise Failed("nobody takes connections")

    async def close(self) -> None:
        """Keep nothing."""
        for _, writer in self._kept.values():
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        self._kept = {}

    async def _ask(self, port: int, request: bytes) -> tuple[int, bytes]:
        kept = self._kept.pop(port, None)
        reader, writer = kept or await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            writer.close()
            is_untouched = not getattr(error, "partial", b"")
            if kept is not None and is_untouched:
                raise _Closed() from error
            raise Failed(f"a {'kept' if kept else 'new'} connection: {error!r}") from error
        return await self._rest(port, head, (reader, writer))

    async def _rest(
        self, port: int, head: bytes, pair: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> tuple[int, bytes]:
        reader, writer = pair
        told = head.lower()
        length = int(told.partition(b"content-length:")[2].partition(b"\r\n")[0])
        try:
            body = await reader.readexactly(length)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise Failed(f"half an answer: {error!r}") from error
        if self._fresh or b"connection: close" in told:
            self.told["told to close"] += b"connection: close" in told
            writer.close()
        else:
            self._kept[port] = pair
        return int(head.split(b" ", 2)[1]), body
