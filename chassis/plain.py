"""Routes planned once: what they ask for is worked out then, and not anew for every request.

FastAPI finds out each time of what kind every parameter is, and makes room for what must be closed
afterwards: half of the time of a read. What a route declares, what checks it and in which order
stays FastAPI's, and so does every refusal of a parameter: they are read before anything is done,
and what cannot be read goes the ordinary way, where it is said what is wrong with it.
"""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from inspect import isasyncgenfunction, iscoroutinefunction
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_CONSTANT = (type(None), str, int, bool)  # defaults that may be handed out without a copy
_STATUSES = (None, 200, 201, 202)  # with a body
_OTHER = (  # what a dependant may ask for beside parameters, the request and the answer
    "cookie_params", "body_params", "websocket_param_name", "http_connection_param_name",
    "background_tasks_param_name", "security_scopes_param_name", "concurrency",
)  # fmt: skip
# How an answer is written and what of it is shown: anything else is FastAPI's to do.
_USUAL: dict[str, tuple[Any, ...]] = {
    "response_model_include": (None,),
    "response_model_exclude": (None,),
    "response_model_by_alias": (None, True),
    "response_model_exclude_unset": (None, False),
    "response_model_exclude_defaults": (None, False),
    "response_model_exclude_none": (None, False),
    "max_body_size": (None,),
}


class PlainRoute(APIRoute):
    """A route of FastAPI; one that is not plain is served as always."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        is_one = len(self.methods or ()) == 1 and self.status_code in _STATUSES
        is_usual = all(named.get(name) in usual for name, usual in _USUAL.items())
        is_json = isinstance(self.response_class, DefaultPlaceholder)
        self._plan = _plan(self.dependant) if is_one and is_usual and is_json else None
        # FastAPI is asked only when something is wrong
        self.is_planned = self._plan is not None
        # it is planned, and only reads, with nothing to close afterwards
        self.is_plain = bool(self._plan and self.methods == {"GET"} and not self._plan.opens)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._plan is None or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        answer = await self.answer(Request(scope, receive))
        if answer is None:
            await super().handle(scope, receive, send)
        else:
            await answer(scope, receive, send)

    async def answer(self, request: Request) -> Response | None:
        """The answer to a request; None if only FastAPI can say what is wrong with it. What was
        opened for it is closed by then: a commit comes before the first byte."""
        if self._plan is None:
            return None
        answer = Response(media_type="application/json", status_code=self.status_code or 200)
        try:
            visit = _Visit(request, answer, self._plan.read(request, {}))
        except _Unreadable:
            return None
        async with visit.opened:
            found = await self._plan.run(visit)
            if isinstance(found, Response):
                return found
            answer.body = self._written(found)
            answer.headers["Content-Length"] = str(len(answer.body))
            return answer

    def _written(self, found: Any) -> bytes:
        if self.response_field is None:
            raise TypeError(f"{self.path} declares no model of its answer")
        value, errors = self.response_field.validate(found)
        if errors:
            raise TypeError(f"{self.path} answers what it does not declare")
        return self.response_field.serialize_json(value)


class _Unreadable(Exception):
    """A parameter is missing, or is not what it should be."""


@dataclass(frozen=True)
class _Asked:
    """A parameter: what it is called here and there, and what checks it."""

    name: str
    alias: str
    is_required: bool
    default: Any
    check: Callable[[str], tuple[Any, Any]]

    def read(self, said: Mapping[str, str]) -> Any:
        text = said.get(self.alias)
        if text is None and not self.is_required:
            return self.default
        value, errors = (None, True) if text is None else self.check(text)
        if errors:
            raise _Unreadable
        return value


@dataclass
class _Visit:
    """One request: what it says to each function, what is known already, what is open."""

    request: Request
    answer: Response
    said: dict[Any, dict[str, Any]]
    known: dict[Any, Any] = field(default_factory=dict)
    opened: AsyncExitStack = field(default_factory=AsyncExitStack)


@dataclass(frozen=True)
class _Plan:
    """A function, and what its parameters are made of. `opening` makes what it yields, and closes
    it afterwards."""

    call: Callable[..., Any]
    opening: Callable[..., Any] | None
    needs: list[tuple[str | None, "_Plan"]]
    asked: list[tuple[str, list[_Asked]]]  # by where they stand
    request_name: str | None
    response_name: str | None

    @property
    def opens(self) -> bool:
        """Whether anything is to be closed afterwards."""
        return self.opening is not None or any(need.opens for _, need in self.needs)

    def read(self, request: Request, said: dict[Any, dict[str, Any]]) -> dict[Any, dict[str, Any]]:
        """Every parameter that this function and those it needs ask for, by function."""
        for _, need in self.needs:
            need.read(request, said)
        if self.asked and self.call not in said:
            own = said[self.call] = {}
            for place, asked in self.asked:
                sent = getattr(request, place)
                for one in asked:
                    own[one.name] = one.read(sent)
        return said

    async def run(self, visit: _Visit) -> Any:
        """What the function returns; what two of them need is found once."""
        call = self.call
        if call not in visit.known:
            visit.known[call] = await self._run(visit)
        return visit.known[call]

    async def _run(self, visit: _Visit) -> Any:
        values: dict[str, Any] = {}
        for name, need in self.needs:
            found = await need.run(visit)
            if name is not None:
                values[name] = found
        values |= visit.said.get(self.call, {})
        if self.request_name:
            values[self.request_name] = visit.request
        if self.response_name:
            values[self.response_name] = visit.answer
        if self.opening is not None:
            return await visit.opened.enter_async_context(self.opening(**values))
        return await self.call(**values)


def _plan(dependant: Dependant) -> _Plan | None:
    """None if anything is asked for that only FastAPI knows how to give."""
    call = dependant.call
    is_opening = isasyncgenfunction(call) and dependant.scope == "function"
    is_known = is_opening or iscoroutinefunction(call)
    if call is None or not is_known or any(getattr(dependant, name) for name in _OTHER):
        return None
    needs = [(need.name, _plan(need)) for need in dependant.dependencies]
    places = {
        "path_params": dependant.path_params,
        "query_params": dependant.query_params,
        "headers": dependant.header_params,
    }
    asked = [(place, [_asked(one) for one in fields]) for place, fields in places.items() if fields]
    are_known = all(need for _, need in needs)
    are_known = are_known and all(need.use_cache for need in dependant.dependencies)
    if not (are_known and all(all(some) for _, some in asked)):
        return None
    names = dependant.request_param_name, dependant.response_param_name
    opening = asynccontextmanager(call) if is_opening else None
    return _Plan(call, opening, needs, asked, *names)  # type: ignore[arg-type]  # no None in them


def _asked(field: Any) -> _Asked | None:
    info, is_required = field.field_info, field.field_info.is_required()
    default = None if is_required else field.default
    is_odd = info.validation_alias not in (None, info.alias) or info.validate_default
    if is_odd or not isinstance(default, _CONSTANT) or not _is_single(info.annotation):
        return None
    return _Asked(field.name, field.alias, is_required, default, field.validate)


def _is_single(kind: Any) -> bool:
    if get_origin(kind) is Annotated:
        return _is_single(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return all(_is_single(one) for one in get_args(kind))
    return isinstance(kind, type) and not issubclass(kind, BaseModel | list | set | tuple | dict)
