"""What can be read from a route without calling it."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from chassis.auth import visitor
from chassis.bodies import raw_body
from chassis.openapi_answers import Facts


def operation_id(route: APIRoute) -> str:
    """The function's own name: generated clients read like sentences (`decide_filing`)."""
    return route.name


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Every route of the app, however deeply included."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.route, APIRoute):
            yield context.route


def flat(dependant: Dependant) -> Iterator[Any]:
    """Every dependency function of a route."""
    for child in dependant.dependencies:
        yield child.call
        yield from flat(child)


def scopes_of(route: APIRoute) -> tuple[str, ...] | None:
    """The scopes that open a route (any one is enough); None for a public one."""
    found = [call.scopes for call in flat(route.dependant) if hasattr(call, "scopes")]
    return found[0] if found else None


def is_merge_patch(route: APIRoute) -> bool:
    """Whether its body is read through `chassis.patches.Patch`."""
    return any(hasattr(call, "is_merge_patch") for call in flat(route.dependant))


def body_of(route: APIRoute) -> type[BaseModel] | None:
    """The model of a route's body, if it reads one through `chassis.bodies.Json`."""
    found = [call.model for call in flat(route.dependant) if hasattr(call, "model")]
    return found[0] if found else None


def files_of(route: APIRoute) -> tuple[tuple[str, ...], int] | None:
    """The media types of a route's body and its most bytes, if it takes a file."""
    found = [call for call in flat(route.dependant) if hasattr(call, "files")]
    return (found[0].files, found[0].most_bytes) if found else None


def facts_of(route: APIRoute) -> Facts:
    """How a route may refuse, as far as its parameters tell."""
    calls = list(flat(route.dependant))
    return Facts(
        path=route.path_format,
        scopes=scopes_of(route),
        reads_token=visitor in calls,
        reads_body=raw_body in calls or any(hasattr(call, "files") for call in calls),
        needs=frozenset(call.requires for call in calls if hasattr(call, "requires")),
        takes=frozenset(_names(route.dependant)),
    )


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in (*dependant.header_params, *dependant.query_params))
    for child in dependant.dependencies:
        yield from _names(child)
