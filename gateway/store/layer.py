"""Answers from the store, in front of the data plane."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.answers import render
from chassis.errors import ServiceUnavailable
from gateway.errors import GatewayTimeout
from gateway.routes_table import Way
from gateway.store.entries import Answer, Entry
from gateway.store.keys import Question, is_open, question
from gateway.store.store import ANSWERS, Ending, Flight, Landed, Lead, Store

_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


class Storing:
    """Pure ASGI."""

    def __init__(self, app: ASGIApp, store: Store, find: Callable[[bytes], Way | None]) -> None:
        self.app = app
        self.store = store
        self.find = find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        way = self.find(scope["raw_path"]) if scope["type"] == "http" else None
        if way is None:
            await self.app(scope, receive, send)
        elif scope["method"] not in _SAFE:
            await _Writing(self.store, way.service, send).run(self.app, scope, receive)
        elif asked := _question(scope, way):
            scope["route"] = way
            await self._read(asked, way, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _read(
        self, asked: Question, way: Way, scope: Scope, receive: Receive, send: Send
    ) -> None:
        found: Landed | Flight | Lead | None = Ending.LEFT
        told = "hit"
        while found is Ending.LEFT:
            found = self.store.ask(asked)
            if isinstance(found, Flight):
                flight, found = found, await _landing(found)
                told = "stale" if flight.is_stale else "collapsed"
        if isinstance(found, Lead):
            await _Leading(found, asked, send).run(self.app, scope, receive)
        elif isinstance(found, Entry):
            ANSWERS.add(told)
            await _send(send, self.store.answer(found, asked, told), asked)
        elif found is Ending.LATE:
            late = render(Request(scope), GatewayTimeout(service=way.service))
            await late(scope, receive, send)
        else:
            ANSWERS.add("passed")
            await self.app(scope, receive, send)


class _Leading:
    """Asks the service for everybody who asks the same."""

    def __init__(self, lead: Lead, asked: Question, send: Send) -> None:
        self._lead, self._asked, self._send = lead, asked, send
        self._begun: Message | None = None
        self._is_answered = False

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive) -> None:
        headers = [pair for pair in scope["headers"] if pair[0] != b"if-none-match"]
        has_left = False

        async def watched() -> Message:
            nonlocal has_left
            message = await receive()
            has_left = has_left or message["type"] == "http.disconnect"
            return message

        try:
            await app({**scope, "headers": headers}, watched, self._take)
            if self._lead.is_holding and not (self._is_answered or has_left):
                await self._break(scope, receive)
        finally:
            self._lead.leave()

    async def _break(self, scope: Scope, receive: Receive) -> None:
        # the service ended in the middle of its answer, of which nobody has seen anything yet
        stale = self._lead.breaks()
        if stale is not None:
            await self._answer(stale, "stale")
        else:
            problem = ServiceUnavailable(service=self._asked.key.service)
            await render(Request(scope), problem)(scope, receive, self._send)

    async def _take(self, message: Message) -> None:
        if self._is_answered:
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._lead.is_holding:
            await self._hold(message)
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        stale = self._lead.begins(message["status"], message["headers"])
        if stale is not None:
            await self._answer(stale, "stale")
        elif self._lead.is_holding:
            self._begun = message
        else:
            ANSWERS.add("passed")
            await self._send(message)

    async def _hold(self, message: Message) -> None:
        more = message.get("more_body", False)
        held = self._lead.feed(message.get("body", b""))
        if held is not None:
            assert self._begun is not None  # noqa: S101  tells mypy
            await self._send(self._begun)
            await self._send({**message, "body": held})
        elif not more:
            await self._answer(self._lead.end(), "stored")

    async def _answer(self, entry: Entry, told: str) -> None:
        self._is_answered = True
        ANSWERS.add(told)
        await _send(self._send, self._lead.store.answer(entry, self._asked, told), self._asked)


class _Writing:
    """What was asked before a change is old as soon as somebody may know of the change."""

    def __init__(self, store: Store, service: str, send: Send) -> None:
        self._store, self._service, self._send = store, service, send
        self._status = 0

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive) -> None:
        try:
            await app(scope, receive, self._tell)
        finally:
            if not self._status:  # nobody knows whether it was done
                self._store.changed(self._service)

    async def _tell(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            if not 400 <= self._status < 500:
                self._store.changed(self._service)
        await self._send(message)


def _question(scope: Scope, way: Way) -> Question | None:
    if not is_open(way.path):
        return None
    return question(scope["method"], way.service, _target(scope), scope["headers"])


async def _landing(flight: Flight) -> Landed:
    landed: asyncio.Future[Landed] = asyncio.get_running_loop().create_future()
    flight.follow(lambda found: None if landed.done() else landed.set_result(found))
    return await landed


async def _send(send: Send, answer: Answer, asked: Question) -> None:
    status, headers, body = answer
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if asked.is_head else body})


def _target(scope: Scope) -> bytes:
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + b"?" + query if query else path
