"""Routes planned once: what they ask for is worked out then, and not anew for every request.

FastAPI finds out each time of what kind every parameter is, and makes room for what must be closed
afterwards: half of the time of a read. What a route declares, what checks it and in which order
stays FastAPI's, and so does every refusal of a parameter: they are read before anything is done,
and what cannot be read goes the ordinary way, where it is said what is wrong with it.
"""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from inspect import isasyncgenfunction, iscoroutinefunction
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis.parameters import pairs

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
        plan = self._plan
        if plan is None:
            return None
        answer = Answer(self.status_code or 200)
        try:
            said = plan.read(request.scope)
        except _Unreadable:
            return None
        if not plan.opens:
            return self._told(answer, await plan.run(_Visit(request, answer, said, None)))
        async with AsyncExitStack() as opened:
            return self._told(answer, await plan.run(_Visit(request, answer, said, opened)))

    def _told(self, answer: "Answer", found: Any) -> Response:
        if isinstance(found, Response):
            return found
        answer.body = self._written(found)
        answer.raw_headers.append((b"content-length", b"%d" % len(answer.body)))
        return answer

    def _written(self, found: Any) -> bytes:
        if self.response_field is None:
            raise TypeError(f"{self.path} declares no model of its answer")
        value, errors = self.response_field.validate(found)
        if errors:
            raise TypeError(f"{self.path} answers what it does not declare")
        return self.response_field.serialize_json(value)


class Answer(Response):
    """A JSON answer of which only the status is known: without what Starlette says of its body."""

    def __init__(self, status_code: int) -> None:
        self.status_code, self.background, self.body = status_code, None, b""
        self.raw_headers = [(b"content-type", b"application/json")]


class _Unreadable(Exception):
    """A parameter is missing, or is not what it should be."""


@dataclass(frozen=True)
class _Asked:
    """A parameter: what it is called here and there, and what checks it."""

    name: str
    place: str
    alias: str
    header: bytes
    is_required: bool
    default: Any
    check: Callable[[str], tuple[Any, Any]]

    def read(self, scope: Mapping[str, Any], query: Mapping[str, str]) -> Any:
        text = self._sent(scope, query)
        if text is None and not self.is_required:
            return self.default
        value, errors = (None, True) if text is None else self.check(text)
        if errors:
            raise _Unreadable
        return value

    def _sent(self, scope: Mapping[str, Any], query: Mapping[str, str]) -> str | None:
        if self.place == "query_params":
            return query.get(self.alias)
        if self.place == "path_params":
            found: str | None = scope["path_params"].get(self.alias)
            return found
        for name, value in scope["headers"]:
            if name == self.header:
                sent: str = value.decode("latin-1")
                return sent
        return None


class _Visit(NamedTuple):
    """One request: what it says to each function of the plan, and what is open for it."""

    request: Request
    answer: Response
    said: list[dict[str, Any]]
    opened: AsyncExitStack | None


@dataclass(frozen=True)
class _Step:
    """A function: what it asks of the request, and which steps before it find the rest. `opening`
    makes what it yields, and closes it afterwards."""

    call: Callable[..., Any]
    opening: Callable[..., Any] | None
    needs: list[tuple[str, int]]
    asked: list[_Asked]
    request_name: str | None
    response_name: str | None

    async def run(self, visit: _Visit, values: dict[str, Any], found: list[Any]) -> Any:
        """What the function returns, given what it was told and what was found before."""
        for name, at in self.needs:
            values[name] = found[at]
        if self.request_name:
            values[self.request_name] = visit.request
        if self.response_name:
            values[self.response_name] = visit.answer
        if self.opening is not None and visit.opened is not None:
            return await visit.opened.enter_async_context(self.opening(**values))
        return await self.call(**values)


@dataclass(frozen=True)
class _Plan:
    """Every function that a route needs, once, after those that it needs itself; the route last."""

    steps: list[_Step]

    @cached_property
    def opens(self) -> bool:
        """Whether anything is to be closed afterwards."""
        return any(step.opening is not None for step in self.steps)

    def read(self, scope: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Every parameter that these functions ask for, by function."""
        query = dict(pairs(scope["query_string"]))
        return [{one.name: one.read(scope, query) for one in step.asked} for step in self.steps]

    async def run(self, visit: _Visit) -> Any:
        """What the route returns."""
        found: list[Any] = []
        for step, values in zip(self.steps, visit.said, strict=True):
            found.append(await step.run(visit, values, found))
        return found[-1]


def _plan(dependant: Dependant) -> _Plan | None:
    """None if anything is asked for that only FastAPI knows how to give."""
    steps: dict[Callable[..., Any], _Step] = {}
    return _Plan([*steps.values()]) if _is_planned(dependant, steps) else None


def _is_planned(dependant: Dependant, steps: dict[Callable[..., Any], _Step]) -> bool:
    call = dependant.call
    is_opening = isasyncgenfunction(call) and dependant.scope == "function"
    is_known = is_opening or iscoroutinefunction(call)
    if call is None or not is_known or any(getattr(dependant, name) for name in _OTHER):
        return False
    needs = dependant.dependencies
    if not all(need.use_cache and _is_planned(need, steps) for need in needs):
        return False
    asked = [_asked(place, one) for place, some in _places(dependant) for one in some]
    if not all(asked):
        return False
    order = {known: at for at, known in enumerate(steps)}
    named = [(need.name, order[need.call]) for need in needs if need.name and need.call]
    names = dependant.request_param_name, dependant.response_param_name
    opening = asynccontextmanager(call) if is_opening else None
    steps.setdefault(call, _Step(call, opening, named, [one for one in asked if one], *names))
    return True


def _places(dependant: Dependant) -> list[tuple[str, list[Any]]]:
    return [
        ("path_params", dependant.path_params),
        ("query_params", dependant.query_params),
        ("headers", dependant.header_params),
    ]


def _asked(place: str, field: Any) -> _Asked | None:
    info, is_required = field.field_info, field.field_info.is_required()
    default = None if is_required else field.default
    is_odd = info.validation_alias not in (None, info.alias) or info.validate_default
    if is_odd or not isinstance(default, _CONSTANT) or not _is_single(info.annotation):
        return None
    header = field.alias.lower().encode("latin-1")
    return _Asked(field.name, place, field.alias, header, is_required, default, field.validate)


def _is_single(kind: Any) -> bool:
    if get_origin(kind) is Annotated:
        return _is_single(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return all(_is_single(one) for one in get_args(kind))
    return isinstance(kind, type) and not issubclass(kind, BaseModel | list | set | tuple | dict)
