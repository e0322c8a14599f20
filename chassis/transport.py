"""httpx's transport interface on connections of our own, for calls between processes.

httpx's default transport looks at every socket it holds for every request. Here a request costs
what its system calls cost; nothing is rewritten, followed, unpacked or remembered.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx

from chassis.connection import Asking, Connection, Failure, Header
from chassis.origin import Origin

_BUFFER = 65_536
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_CHUNKED = b"transfer-encoding: chunked\r\n"
_ERRORS: dict[Failure, type[httpx.TransportError]] = {
    Failure.UNREACHABLE: httpx.ConnectError,
    Failure.CLOSED: httpx.ReadError,
    Failure.BROKEN: httpx.RemoteProtocolError,
    Failure.GARBAGE: httpx.RemoteProtocolError,
    Failure.OVERSIZE: httpx.RemoteProtocolError,
}


class NoBody(httpx.AsyncByteStream):
    """The stream of a request that announces no body."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        nothing: tuple[bytes, ...] = ()
        for chunk in nothing:
            yield chunk


class _Call:
    """One exchange: futures for the one who awaits."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.head: asyncio.Future[tuple[int, list[Header]]] = loop.create_future()
        self.connection: Connection | None = None
        self.on_way: asyncio.Future[Connection] = loop.create_future()
        self._may_send = asyncio.Event()
        self._may_send.set()
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._is_over = False
        self._failure: Failure | None = None
        self._news = asyncio.Event()

    def carried(self, connection: Connection) -> None:
        self.connection = connection
        if not self.on_way.done():
            self.on_way.set_result(connection)

    def headed(self, status: int, headers: list[Header]) -> None:
        if not self.head.done():
            self.head.set_result((status, headers))

    def came(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > _BUFFER and self.connection is not None:
            self.connection.pause()
        self._news.set()

    def turned(self) -> None:
        pass

    def ended(self) -> None:
        self.connection, self._is_over = None, True
        self._may_send.set()
        self._news.set()

    def failed(self, failure: Failure) -> None:
        self._failure = failure
        for future in (self.head, self.on_way):
            if not future.done():
                future.set_exception(_error(failure))
                future.exception()  # whether or not anybody awaits it
        self.ended()

    def hold(self) -> None:
        self._may_send.clear()

    def go_on(self) -> None:
        self._may_send.set()

    async def upload(self, stream: httpx.AsyncByteStream) -> None:
        """Send the body; when it breaks off, so does the exchange."""
        connection = await self.on_way
        try:
            await self._send(connection, stream)
        except BaseException:
            if self.connection is connection:
                connection.leave()
                self._failure = Failure.BROKEN
                self.ended()
            raise

    async def _send(self, connection: Connection, stream: httpx.AsyncByteStream) -> None:
        async for chunk in stream:
            await self._may_send.wait()
            if self.connection is not connection:
                return  # it is answered, or there is nobody to answer
            if chunk:
                connection.send(chunk)
        if self.connection is connection:
            connection.finish()

    async def next(self) -> bytes:
        """A piece of the body; empty at its end."""
        while not (self._chunks or self._is_over):
            self._news.clear()
            await self._news.wait()
        if self._chunks:
            chunk = self._chunks.popleft()
            self._size -= len(chunk)
            if self._size <= _BUFFER and self.connection is not None:
                self.connection.resume()
            return chunk
        if self._failure is not None:
            raise _error(self._failure)
        return b""

    def leave(self, origin: Origin) -> None:
        if self.connection is not None:
            self.connection.leave()
        elif not self._is_over:
            origin.forget(self)
        self.ended()


def _error(failure: Failure) -> httpx.TransportError:
    return _ERRORS[failure](failure.value)


class _Answer(httpx.AsyncByteStream):
    def __init__(self, call: _Call, origin: Origin, silence_s: float | None) -> None:
        self._call, self._origin, self._silence_s = call, origin, silence_s
        self.upload: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await _patiently(self._call.next(), self._silence_s):
            yield chunk

    async def aclose(self) -> None:
        """Done; a connection with half an answer in it serves nobody else."""
        self._call.leave(self._origin)
        if self.upload is not None:
            self.upload.cancel()
            with suppress(asyncio.CancelledError, httpx.TransportError):
                await self.upload


class FastTransport(httpx.AsyncBaseTransport):
    """Sends the bytes of the `target` extension as the address, and the headers as they are."""

    def __init__(self, connections: int = 200, connect_s: float = 2.0) -> None:
        self._connections = connections
        self._connect_s = connect_s
        self._origins: dict[tuple[str, str, int | None], Origin] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; raises `httpx.TransportError` when there is no answer."""
        origin, call = self._origin(request.url), _Call()
        times: dict[str, float | None] = request.extensions.get("timeout", {})
        answer = _Answer(call, origin, times.get("read"))
        asking = _asking(request, call)
        try:
            origin.ask(asking)
            await _patiently(asyncio.shield(call.on_way), times.get("pool"), httpx.ConnectTimeout)
            if not asking.is_whole:
                assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101  tells mypy
                answer.upload = asyncio.create_task(call.upload(request.stream))
            status, headers = await self._head(call, answer, times.get("read"))
        except BaseException:
            await answer.aclose()
            raise
        return httpx.Response(status, headers=headers, stream=answer, request=request)

    async def _head(
        self, call: _Call, answer: _Answer, silence_s: float | None
    ) -> tuple[int, list[Header]]:
        upload = answer.upload
        if upload is not None:  # who cannot say the whole request is told why
            await asyncio.wait((upload, call.head), return_when=asyncio.FIRST_COMPLETED)
            if upload.done() and not call.head.done():
                upload.result()
        found: tuple[int, list[Header]] = await _patiently(asyncio.shield(call.head), silence_s)
        return found

    def _origin(self, url: httpx.URL) -> Origin:
        key = url.scheme, url.host, url.port
        found = self._origins.get(key)
        if found is None:
            where = f"{url.scheme}://{url.netloc.decode()}"
            found = self._origins[key] = Origin(where, self._connections, self._connect_s)
        return found

    async def aclose(self) -> None:
        """Close every connection."""
        for origin in self._origins.values():
            await origin.close()


def _asking(request: httpx.Request, call: _Call) -> Asking:
    told = {name.lower(): value for name, value in request.headers.raw}
    body = _whole(request)
    framing = b""
    if b"content-length" not in told and b"transfer-encoding" not in told:
        framing = _framing(request.method, body)
    is_chunked = b"transfer-encoding" in told or framing == _CHUNKED
    if is_chunked and body is not None:
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    asking = Asking(
        call,
        b"".join((_head_of(request), framing, b"\r\n", body or b"")),
        is_whole=body is not None,
        is_chunked=is_chunked,
        is_head=request.method == "HEAD",
    )
    asking.may_repeat = asking.is_whole and request.method in _SAFE
    return asking


def _head_of(request: httpx.Request) -> bytes:
    target: bytes = request.extensions.get("target", request.url.raw_path)
    head = [request.method.encode(), b" ", target, b" HTTP/1.1\r\n"]
    for name, value in request.headers.raw:
        head += (name, b": ", value, b"\r\n")
    return b"".join(head)


def _framing(method: str, body: bytes | None) -> bytes:
    if body is None:
        return _CHUNKED
    if body or method in _WITH_BODY:
        return b"content-length: %d\r\n" % len(body)
    return b""


def _whole(request: httpx.Request) -> bytes | None:
    if isinstance(request.stream, NoBody):
        return b""
    return b"".join(request.stream) if isinstance(request.stream, httpx.ByteStream) else None


async def _patiently(
    awaited: Any, seconds: float | None, late: type[httpx.TimeoutException] = httpx.ReadTimeout
) -> Any:
    try:
        async with asyncio.timeout(seconds):
            return await awaited
    except TimeoutError as error:
        raise late("") from error
