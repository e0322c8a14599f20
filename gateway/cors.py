"""Which pages may call us from a browser, told to browsers (the CORS protocol of Fetch).

Only whole origins that are listed, letter by letter. Credentials of the browser are never allowed:
callers send their token themselves, and no page of ours trusts a cookie that another site's script
could send.
"""

from collections.abc import Callable, Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.answers import render
from gateway.errors import OriginNotAllowed

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_SENT = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Accept-Language,"
    " x-jws-signature, traceparent, Purpose-Of-Use"
)
_READ = (
    b"ETag, Location, Link, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed,"
    b" X-Request-Id, Content-Language, Age, Cache-Status"
)
_REMEMBERED_S = "7200"  # as long as Chromium believes it
_PREFLIGHT = {
    "Access-Control-Allow-Methods": _METHODS,
    "Access-Control-Allow-Headers": _SENT,
    "Access-Control-Max-Age": _REMEMBERED_S,
    "Vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
}


class Cors:
    """Pure ASGI; answers preflights itself, before anything is counted."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origins = _named(scope, b"origin")
        allowed = origins[0] if len(origins) == 1 and origins[0] in self.origins else None
        scope["finish"].append(_telling(allowed))
        if origins and _is_preflight(scope):
            await self._preflight(scope, allowed)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _preflight(self, scope: Scope, allowed: bytes | None) -> Response:
        if allowed is None:
            return render(Request(scope), OriginNotAllowed())
        return Response(status_code=204, headers=_PREFLIGHT)


def _is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and bool(_named(scope, b"access-control-request-method"))


def _named(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _telling(allowed: bytes | None) -> Callable[[int, MutableHeaders], None]:
    def tell(_: int, headers: MutableHeaders) -> None:
        headers.raw.extend(_said(allowed))

    return tell


def _said(allowed: bytes | None) -> list[tuple[bytes, bytes]]:
    told = [(b"vary", b"Origin")]
    if allowed is not None:
        told.append((b"access-control-allow-origin", allowed))
        told.append((b"access-control-expose-headers", _READ))
    return told


class Origins:
    """What every answer says to a page of some origin, as lines."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._known = {origin.encode(): _lines(_said(origin.encode())) for origin in origins}
        self._unknown = _lines(_said(None))

    def lines(self, sent: Sequence[bytes]) -> bytes:
        """The lines for a request with these `Origin` headers."""
        return self._known.get(sent[0], self._unknown) if len(sent) == 1 else self._unknown


def _lines(pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%b: %b\r\n" % pair for pair in pairs)
