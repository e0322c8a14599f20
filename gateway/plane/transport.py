"""The way to one service: httpx's transport interface on aiohttp's connections.

httpx-aiohttp's own transport lets yarl rewrite the address (`%41` becomes `A`, `a/../b` becomes
`b`), folds repeated headers, keeps cookies, and aiohttp sends a PUT or DELETE a second time when
the connection breaks. A gateway may do none of these.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from httpx_aiohttp.transport import map_aiohttp_exceptions
from multidict import CIMultiDict
from yarl import URL

_CHUNK = 65_536
_MAX_HEADER = 32_768
# Below the 5 s after which uvicorn closes an idle connection: we leave first.
_KEEPALIVE_S = 3.0
_OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_Send = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


class NoBody(httpx.AsyncByteStream):
    """The stream of a request that announces no body."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        nothing: tuple[bytes, ...] = ()
        for chunk in nothing:
            yield chunk


@contextmanager
def _httpx_errors() -> Iterator[None]:
    try:
        with map_aiohttp_exceptions():
            yield
    except aiohttp.ClientError as error:  # what the map does not know, such as a bad status line
        raise httpx.RemoteProtocolError(str(error)) from error


class _Answer(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async for chunk in self._answer.content.iter_chunked(_CHUNK):
                yield chunk

    async def aclose(self) -> None:
        # A connection with half an answer in it must not serve anybody else.
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()


async def _once(request: aiohttp.ClientRequest, send: _Send) -> aiohttp.ClientResponse:
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing was sent
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise httpx.ReadError(str(error)) from error  # out of reach of aiohttp's second attempt


class ExactTransport(httpx.AsyncBaseTransport):
    """Sends the bytes of the `target` extension as the address, and the headers as they are."""

    def __init__(self, connections: int, connect_s: float) -> None:
        self._connections = connections
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_s, sock_connect=connect_s)
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._connections, keepalive_timeout=_KEEPALIVE_S, use_dns_cache=True
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_OWN_HEADERS,
            timeout=self._timeout,
            middlewares=(_once,),
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; raises `httpx.TransportError` when there is no answer."""
        if self._session is None:
            self._session = self._open()
        has_body = not isinstance(request.stream, NoBody)
        with _httpx_errors():
            answer = await self._session.request(
                request.method,
                _exact_url(request),
                headers=CIMultiDict((k.decode(), v.decode()) for k, v in request.headers.raw),
                data=request.stream if has_body else None,
                allow_redirects=False,
            )
        return httpx.Response(
            answer.status, headers=answer.raw_headers, stream=_Answer(answer), request=request
        )

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()


def _exact_url(request: httpx.Request) -> URL:
    target: bytes = request.extensions.get("target", request.url.raw_path)
    origin = f"{request.url.scheme}://{request.url.netloc.decode()}"
    return URL(f"{origin}{target.decode('ascii')}", encoded=True)
