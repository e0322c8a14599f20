"""The outermost layer of a process, pure ASGI: trace id, request id, one log line, no bare 500,
no body without end; and what every answer says, whoever makes it."""

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import trace
from chassis.answers import render
from chassis.errors import BodyTooLarge, NotFound, Problem

log = structlog.get_logger()
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# What browsers obey; a page of ours says what else it needs by a policy of its own.
_PROTECTION = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


class Edge:
    """Wraps the whole application, so that even a crash answers with a problem."""

    def __init__(self, app: ASGIApp, max_body_bytes: int, *, is_https: bool) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.protection = {**_PROTECTION, **(_HTTPS_ONLY if is_https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["arrived_at"] = time.time()
        headers = Headers(scope=scope)
        scope["trace_id"] = trace.adopt(headers.get("traceparent"))
        scope["request_id"] = _request_id(headers.get("x-request-id", ""))
        scope["max_body_bytes"] = self.max_body_bytes
        scope["finish"] = []  # layers further in add what they have to say on any answer
        visit = _Visit(scope, send, self.protection)
        try:
            await self.app(scope, _Body(scope, receive, headers).receive, visit.send)
        except Exception:
            log.exception("crashed", trace_id=scope["trace_id"], path=_template(scope))
            if not visit.status:
                await render(Request(scope), Problem())(scope, receive, visit.send)
        finally:
            visit.note()


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


def _request_id(wish: str) -> str:
    return wish if _REQUEST_ID.fullmatch(wish) else secrets.token_hex(16)


class _Body:
    # The refusal is raised where the body is read, so that 401, 403 and 404 come before it; a
    # route that takes more sets `scope["max_body_bytes"]` before it reads.
    def __init__(self, scope: Scope, receive: Receive, headers: Headers) -> None:
        declared = headers.get("content-length", "")
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
    def __init__(self, scope: Scope, send: Send, protection: Mapping[str, str]) -> None:
        self.scope = scope
        self.status = 0
        self._protection = protection
        self._send = send
        self._began = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.scope["request_id"]
            headers["X-Content-Type-Options"] = "nosniff"
            for name, value in self._protection.items():
                headers.setdefault(name, value)
            for finish in self.scope["finish"]:
                finish(self.status, headers)
        await self._send(message)

    def note(self) -> None:
        state: Any = self.scope.get("state", {})
        caller = state.get("caller") if isinstance(state, dict) else None
        log.info(
            "request",
            trace_id=self.scope["trace_id"],
            request_id=self.scope["request_id"],
            method=self.scope["method"],
            route=_template(self.scope),
            status=self.status,
            ms=round((time.perf_counter() - self._began) * 1000, 2),
            client_id=getattr(caller, "client_id", None),
        )


def _template(scope: Scope) -> str:
    # the route's template, never the path: a path may hold a code that opens something
    route = scope.get("route")
    return str(getattr(route, "path", "-"))
