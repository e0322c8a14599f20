"""The short way to a plain route: past the layers that a read of it has no need of.

Its plan is run by the server's protocol itself. The layers around the routes of an application
catch what is raised, close what was opened, bound what is sent and look for the route one by one; a
plain route opens nothing, takes no body, and what it raises is given here to the same handlers.
Whatever is not plain (another method, a body, an unreadable parameter, a crash) goes the long way.
"""

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from chassis import trace
from chassis.edge import request_id
from chassis.plain import Answer, PlainRoute
from chassis.ready import Headers, told

_UNWRITABLE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # in the value of a header
_WHOLE = (Response, Answer)  # neither a stream nor a file
_LITERALS = 3  # segments by which routes are told apart before any is tried; the first is empty
Place = tuple[int, str, str]


class Errand(NamedTuple):
    """A request for a plain route."""

    route: PlainRoute
    request: Request
    scope: dict[str, Any]


class ShortWay:
    """All plain routes of an application."""

    def __init__(self, app: FastAPI, always: Headers) -> None:
        self._app = app
        self._always = [(name, b"%b: %b\r\n" % (name, value)) for name, value in always]
        self._near = _near(app.router.routes)

    def errand(self, scope: Mapping[str, Any]) -> Errand | None:
        """What this request asks, if it may go the short way."""
        path = scope["path"]
        routes = self._near.get(_place(path)) if scope["method"] == "GET" else None
        said = told(scope["headers"]) if routes and "\x00" not in path else None
        if said is None:
            return None
        for route in routes or ():
            found = route.path_regex.match(path)
            if found and "GET" in (route.methods or ()):
                return self._errand(route, found.groupdict(), scope, said)
        return None

    def _errand(
        self, route: APIRoute, path: dict[str, str], scope: Mapping[str, Any], said: dict[str, str]
    ) -> Errand | None:
        if not (isinstance(route, PlainRoute) and route.is_plain):
            return None
        own = {
            **scope,  # the long way may still need it as it was
            "app": self._app,
            "route": route,
            "path_params": path,
            "arrived_at": time.time(),
            "sent_trace": trace.told(said.get("traceparent")),
            "request_id": request_id(said.get("x-request-id", "")),
        }
        return Errand(route, Request(own), own)

    async def answer(self, errand: Errand) -> Response | None:
        """The answer; None if only the long way knows one."""
        scope = errand.scope
        scope["trace_id"] = trace.arrive(scope["sent_trace"], is_public=False)
        try:
            found = await errand.route.answer(errand.request)
        except Exception as error:
            handlers = self._app.exception_handlers
            handler: Any = next((handlers[k] for k in type(error).__mro__ if k in handlers), None)
            if handler is None:
                raise
            found = await handler(errand.request, error)
        return found if type(found) in _WHOLE else None

    def head(self, answer: Response, request_id: str) -> bytes:
        """The headers of an answer, with those that every answer carries."""
        names = {name for name, _ in answer.raw_headers}
        lines = [b"%b: %b\r\n" % pair for pair in answer.raw_headers]
        lines += [line for name, line in self._always if name not in names]
        if _UNWRITABLE.search(b"".join(value for _, value in answer.raw_headers)):
            raise ValueError("a header with a line of its own")
        return b"".join((*lines, b"x-request-id: %b\r\n" % request_id.encode()))


def _place(path: str) -> Place | None:
    parts = path.split("/", _LITERALS)
    return (path.count("/"), parts[1], parts[2]) if len(parts) >= _LITERALS else None


def _near(routes: Sequence[Any]) -> dict[Place | None, list[APIRoute]]:
    """Routes by place, in their order, where one of them is plain; none at all if one of the
    application may answer in several places."""
    near: dict[Place | None, list[APIRoute]] = {}
    for route in routes:
        path = getattr(route, "path", "")
        if not isinstance(route, APIRoute) or ":" in path or "{" in "".join(path.split("/")[:3]):
            return {}
        near.setdefault(_place(path), []).append(route)
    return {
        place: some
        for place, some in near.items()
        if place and any(isinstance(one, PlainRoute) and one.is_plain for one in some)
    }
