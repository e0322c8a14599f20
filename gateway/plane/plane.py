"""The data plane: in front of the application, everything that belongs to a service goes there."""

from collections.abc import Mapping

import httpx
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.answers import render
from chassis.errors import BodyTooLarge, MalformedRequest, Problem, Unauthenticated
from chassis.trace import trace_headers
from gateway.plane.errand import Errand
from gateway.plane.exchange import Exchange
from gateway.plane.headers import announced, bearer, has_body, inward
from gateway.plane.passports import Passports
from gateway.routes_table import Way
from gateway.upstreams.priorities import priority_of
from gateway.upstreams.routing import Routing


class DataPlane:
    """Pure ASGI; requests that belong to no service go on to the application behind."""

    def __init__(
        self,
        app: ASGIApp,
        routing: Routing,
        transports: Mapping[str, httpx.AsyncBaseTransport],
        passports: Passports,
        max_body_bytes: int,
    ) -> None:
        self.app = app
        self.routing = routing
        self.transports = transports
        self.passports = passports
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, self._closing(send))
            return
        way = self.routing.find(scope["raw_path"]) if scope["type"] == "http" else None
        if way is None:
            await self.app(scope, receive, send)
            return
        scope["route"], scope["max_body_bytes"] = way, self.max_body_bytes
        try:
            await self._pass(scope, way, receive, send)
        except Problem as problem:
            await render(Request(scope), problem)(scope, receive, send)

    def _closing(self, send: Send) -> Send:
        async def send_and_close(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown"):
                for transport in self.transports.values():
                    await transport.aclose()
            await send(message)

        return send_and_close

    async def _pass(self, scope: Scope, way: Way, receive: Receive, send: Send) -> None:
        headers = await self._headers(scope, way.service)
        if announced(scope["headers"]) > self.max_body_bytes:
            raise BodyTooLarge()
        priority = priority_of(scope["method"], way.path)
        errand = Errand(
            self.routing.upstreams[way.service],
            priority,
            self.routing.patience[priority],
            scope["method"],
            _target(scope),
            headers,
        )
        exchange = Exchange(receive, send, errand)
        await exchange.carry(self.transports[way.service], has_body=has_body(scope["headers"]))

    async def _headers(self, scope: Scope, service: str) -> list[tuple[bytes, bytes]]:
        added = [
            (b"x-request-id", scope["request_id"].encode()),
            *trace_headers(),
        ]
        token = bearer(scope["headers"])
        if token is not None:
            added.append((b"authorization", await self._letter(scope, token, service)))
        return _readable(inward(scope["headers"], added))

    async def _letter(self, scope: Scope, token: str, service: str) -> bytes:
        if not token:
            raise Unauthenticated(reason="invalid")
        letter = await self.passports.letter(token, service)
        scope.setdefault("state", {})["caller"] = await self.passports.caller(token)
        return f"Bearer {letter}".encode()


def _target(scope: Scope) -> bytes:
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + b"?" + query if query else path


def _readable(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    # bytes in no known alphabet would be read differently by those behind
    try:
        for _, value in headers:
            value.decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest() from error
    return headers
