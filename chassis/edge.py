"""The outermost layer of a process, pure ASGI: trace id, request id, one log line, no bare 500,
no body without end; and what every answer says, whoever makes it."""

import re
import time
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import trace
from chassis.answers import render
from chassis.errors import BodyTooLarge, NotFound, Problem
from chassis.metrics import traffic
from chassis.noted import Noted, note

log = structlog.get_logger()
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# What browsers obey; a page of ours says what else it needs by a policy of its own.
_PROTECTION = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


def protection(*, is_https: bool) -> list[tuple[bytes, bytes]]:
    """What every answer says unless it says something else."""
    said = {**_PROTECTION, **(_HTTPS_ONLY if is_https else {})}
    return [(name.lower().encode(), value.encode()) for name, value in said.items()]


class Edge:
    """Wraps the whole application, so that even a crash answers with a problem."""

    def __init__(
        self, app: ASGIApp, max_body_bytes: int, *, is_https: bool, is_public: bool = False
    ) -> None:
        self.app = app
        self.is_public = is_public
        self.max_body_bytes = max_body_bytes
        self.protection = protection(is_https=is_https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["arrived_at"] = time.time()
        told = _told(scope)
        sent = trace.told(told.get(b"traceparent"), told.get(b"tracestate"))
        scope["sent_trace"] = sent
        scope["trace_id"] = trace.arrive(sent, is_public=self.is_public)
        scope["request_id"] = request_id(told.get(b"x-request-id", ""))
        scope["max_body_bytes"] = self.max_body_bytes
        scope["finish"] = []  # layers further in add what they have to say on any answer
        visit = _Visit(scope, send, self.protection)
        body = _Body(scope, receive, told.get(b"content-length", ""))
        traffic.under_way += 1
        try:
            await self.app(scope, body.receive, visit.send)
        except Exception:
            log.exception("crashed", trace_id=scope["trace_id"], path=_template(scope))
            if not visit.status:
                await render(Request(scope), Problem())(scope, receive, visit.send)
        finally:
            traffic.under_way -= 1
            visit.note()


def follow(scope: Scope) -> None:
    """Go on in the trace that the caller named, now that we know the caller."""
    if sent := scope.get("sent_trace"):
        scope["trace_id"] = trace.follow(sent)


_READ = frozenset((b"traceparent", b"tracestate", b"x-request-id", b"content-length"))


def _told(scope: Scope) -> dict[bytes, str]:
    # of one that is sent twice the first holds, but two parents are none, and states are one list
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in _READ:
            text = value.decode("latin-1")
            if name in found and name in _TRACE:
                text = f"{found[name]},{text}"
            elif name in found:
                continue
            found[name] = text
    return found


_TRACE = (b"traceparent", b"tracestate")


class Routes:
    """The innermost layer, before any route: an address with a NUL in it gets no further, since
    nothing is called so and PostgreSQL would choke on it; and HEAD is GET without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif "\x00" in scope["path"]:
            await render(Request(scope), NotFound())(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._head(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_empty(message: Message) -> None:
            await send({**message, "body": b""} if "body" in message else message)

        as_get = {**scope, "method": "GET"}  # the server still knows that nothing may follow
        await self.app(as_get, receive, send_empty)
        scope["route"] = as_get.get("route")


def request_id(wish: str) -> str:
    """The caller's own name for a request if it is a modest one, else a new one."""
    return wish if wish and is_modest(wish.encode("latin-1")) else trace.new_hex()


def is_modest(wish: bytes) -> bool:
    """Whether a caller's name for a request may stand in a log."""
    return _REQUEST_ID.fullmatch(wish) is not None


class _Body:
    # The refusal is raised where the body is read, so that 401, 403 and 404 come before it; a
    # route that takes more sets `scope["max_body_bytes"]` before it reads.
    def __init__(self, scope: Scope, receive: Receive, declared: str) -> None:
        self._declared = int(declared) if declared.isdecimal() else 0
        self._seen = 0
        self._scope = scope
        self._receive = receive

    async def receive(self) -> Message:
        if self._declared > self._scope["max_body_bytes"]:
            raise BodyTooLarge()
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._scope["max_body_bytes"]:
            raise BodyTooLarge()
        return message


class _Visit:
    def __init__(self, scope: Scope, send: Send, protection: Sequence[tuple[bytes, bytes]]) -> None:
        self.scope = scope
        self.status = 0
        self._protection = protection
        self._send = send
        self._began = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._headers(message.get("headers", ()))
            if self.scope["finish"]:
                headers = MutableHeaders(scope=message)
                for finish in self.scope["finish"]:
                    finish(self.status, headers)
        await self._send(message)

    def _headers(self, said: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        # every request pays for this: names are in lower case already, as ASGI wants them
        kept = [pair for pair in said if pair[0] not in _OURS]
        names = {name for name, _ in kept}
        missing = [pair for pair in self._protection if pair[0] not in names]
        own = (b"x-request-id", self.scope["request_id"].encode())
        return [*kept, own, NOSNIFF, *missing]

    def note(self) -> None:
        state: Any = self.scope.get("state", {})
        caller = state.get("caller") if isinstance(state, dict) else None
        sent = self.scope["sent_trace"]
        said = Noted(
            self.scope["method"],
            _template(self.scope),
            self.status,
            self.scope["trace_id"],
            self.scope["request_id"],
        )
        said.client_id = getattr(caller, "client_id", None)
        if sent and sent.id != self.scope["trace_id"]:
            said.linked = sent.id
        note(said, self._began)


_OURS = frozenset((b"x-request-id", b"x-content-type-options"))
NOSNIFF = (b"x-content-type-options", b"nosniff")


def _template(scope: Scope) -> str:
    # the route's template, never the path: a path may hold a code that opens something
    route = scope.get("route")
    return str(getattr(route, "path", "-"))
