"""The outermost layer of a process, pure ASGI: trace id, request id, one log line, no bare 500."""

import re
import secrets
import time
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import trace
from chassis.answers import render
from chassis.errors import Problem

log = structlog.get_logger()
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Edge:
    """Wraps the whole application, so that even a crash answers with a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["trace_id"] = trace.adopt(headers.get("traceparent"))
        visit = _Visit(scope, send, headers.get("x-request-id", ""))
        try:
            await self.app(scope, receive, visit.send)
        except Exception:
            log.exception("crashed", trace_id=scope["trace_id"], path=_template(scope))
            if not visit.status:
                await render(Request(scope), Problem())(scope, receive, visit.send)
        finally:
            visit.note()


class _Visit:
    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self.scope = scope
        self.status = 0
        self._send = send
        self._began = time.perf_counter()
        is_safe = _REQUEST_ID.fullmatch(request_id) is not None
        self._request_id = request_id if is_safe else secrets.token_hex(16)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._request_id
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Cache-Control", "private, no-cache")
        await self._send(message)

    def note(self) -> None:
        state: Any = self.scope.get("state", {})
        caller = state.get("caller") if isinstance(state, dict) else None
        log.info(
            "request",
            trace_id=self.scope["trace_id"],
            request_id=self._request_id,
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
