"""Routes that only read: what they ask for is worked out once, and not anew for every request.

FastAPI finds out each time of what kind every parameter is, and makes room for what must be closed
afterwards: half of the time of a read. A plain route has nothing to close. What it declares, what
checks it and in which order stays FastAPI's, and so does every refusal of a parameter: whatever
cannot be read goes the ordinary way, where it is said what is wrong with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction
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
        is_read = self.methods == {"GET"} and self.status_code is None
        is_usual = all(named.get(name) in usual for name, usual in _USUAL.items())
        is_json = isinstance(self.response_class, DefaultPlaceholder)
        self._plan = _plan(self.dependant) if is_read and is_usual and is_json else None

    @property
    def is_plain(self) -> bool:
        """Whether FastAPI is asked only when something is wrong."""
        return self._plan is not None

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._plan is None or scope["method"] != "GET":
            await super().handle(scope, receive, send)
            return
        answer = await self.answer(Request(scope, receive))
        if answer is None:
            await super().handle(scope, receive, send)
        else:
            await answer(scope, receive, send)

    async def answer(self, request: Request) -> Response | None:
        """The answer to a GET; None if only FastAPI can say what is wrong with it."""
        try:
            return await self._answer(self._plan, request) if self._plan else None
        except _Unreadable:
            return None

    async def _answer(self, plan: "_Plan", request: Request) -> Response:
        answer = Response(media_type="application/json")
        found = await plan.run(request, answer, {})
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


@dataclass(frozen=True)
class _Plan:
    """A function, and what its parameters are made of."""

    call: Callable[..., Any]
    needs: list[tuple[str, "_Plan"]]
    asked: list[tuple[str, list[_Asked]]]  # by where they stand
    request_name: str | None
    response_name: str | None

    async def run(self, request: Request, answer: Response, known: dict[Any, Any]) -> Any:
        """What the function returns; what two of them need is found once."""
        call = self.call
        if call not in known:
            values: dict[str, Any] = {}
            for name, need in self.needs:
                values[name] = await need.run(request, answer, known)
            for place, asked in self.asked:
                said = getattr(request, place)
                for one in asked:
                    values[one.name] = one.read(said)
            if self.request_name:
                values[self.request_name] = request
            if self.response_name:
                values[self.response_name] = answer
            known[call] = await call(**values)
        return known[call]


def _plan(dependant: Dependant) -> _Plan | None:
    """None if anything is asked for that only FastAPI knows how to give."""
    call = dependant.call
    if not iscoroutinefunction(call) or any(getattr(dependant, name) for name in _OTHER):
        return None
    needs = [(need.name, _plan(need)) for need in dependant.dependencies]
    places = {
        "path_params": dependant.path_params,
        "query_params": dependant.query_params,
        "headers": dependant.header_params,
    }
    asked = [(place, [_asked(one) for one in fields]) for place, fields in places.items() if fields]
    are_known = all(name and need for name, need in needs)
    are_known = are_known and all(need.use_cache for need in dependant.dependencies)
    if not (are_known and all(all(some) for _, some in asked)):
        return None
    names = dependant.request_param_name, dependant.response_param_name
    return _Plan(call, needs, asked, *names)  # type: ignore[arg-type]  # none of them is None


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
