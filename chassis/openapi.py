"""The contract as a document: what the routes say, finished for generators and linters."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

PREFIX = "/v1"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem; `code` is stable, the texts are in the caller's language.",
    "required": ["type", "title", "status", "code", "detail", "remedy", "trace_id", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "format": "int32", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[A-Z0-9_]+$"},
        "detail": {"type": "string"},
        "remedy": {"type": "string", "description": "what to do next"},
        "instance": {"type": "string"},
        "trace_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
    },
}
FINDING_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["code", "severity", "message"],
    "properties": {
        "pointer": {"type": "string", "description": "RFC 6901 path into the body"},
        "parameter": {"type": "string"},
        "header": {"type": "string"},
        "code": {"type": "string"},
        "severity": {"type": "string", "enum": ["BLOCK", "WARN"]},
        "message": {"type": "string"},
        "remedy": {"type": "string"},
        "params": {"type": "object"},
        "law_ref": {"type": "string"},
    },
}


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


def body_of(route: APIRoute) -> type[BaseModel] | None:
    """The model of a route's body, if it reads one through `chassis.bodies.Json`."""
    found = [call.model for call in flat(route.dependant) if hasattr(call, "model")]
    return found[0] if found else None


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of one process."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= {"Problem": PROBLEM_SCHEMA, "Finding": FINDING_SCHEMA} | _body_schemas(app)
    made["components"]["securitySchemes"] = {"oauth2": _oauth2(app)}
    for route in routes(app):
        if route.include_in_schema:
            _finish(made["paths"][_path(route)], route)
    made["paths"] = {_public(path): item for path, item in made["paths"].items()}
    made["servers"] = [{"url": PREFIX}]
    return made


def _path(route: APIRoute) -> str:
    return route.path_format


def _public(path: str) -> str:
    return path.removeprefix(PREFIX) or "/"


def _body_schemas(app: FastAPI) -> dict[str, Any]:
    models = {model for route in routes(app) if (model := body_of(route)) is not None}
    ordered = sorted(models, key=lambda model: model.__name__)
    pairs: Any = [(model, "validation") for model in ordered]
    _, made = models_json_schema(pairs, ref_template="#/components/schemas/{model}")
    return dict(made.get("$defs", {}))


def _finish(item: dict[str, Any], route: APIRoute) -> None:
    for method in route.methods or ():
        operation = item[method.lower()]
        operation["responses"].pop("422", None)
        operation["responses"].setdefault("default", _problem("Any refusal"))
        scopes = scopes_of(route)
        operation["security"] = _security(scopes)
        _require_headers(operation, route)
        model = body_of(route)
        if model is not None:
            ref = {"$ref": f"#/components/schemas/{model.__name__}"}
            media = "application/merge-patch+json" if method == "PATCH" else "application/json"
            operation["requestBody"] = {"required": True, "content": {media: {"schema": ref}}}


def _security(scopes: tuple[str, ...] | None) -> list[dict[str, list[str]]]:
    if scopes is None:
        return [{}]
    return [{"oauth2": [scope]} for scope in scopes] or [{"oauth2": []}]


_KEY = {"type": "string", "minLength": 1, "maxLength": 130, "pattern": "^[!-~]+$"}
_VERSION = {"type": "string", "maxLength": 24, "pattern": '^"[0-9]+"$'}
_HEADERS = {"Idempotency-Key": _KEY, "If-Match": _VERSION}


def _require_headers(operation: dict[str, Any], route: APIRoute) -> None:
    # absent, they are refused by our own code with a better answer than FastAPI's: say so
    required = {call.requires for call in flat(route.dependant) if hasattr(call, "requires")}
    for parameter in operation.get("parameters", []):
        if parameter["name"] in _HEADERS:
            parameter["required"] = parameter["name"] in required
            parameter["schema"] = _HEADERS[parameter["name"]]


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }


def problems(*kinds: Any) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: the refusals that a caller should expect, by status."""
    by_status: dict[int | str, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind.code)
    return {status: _problem(" · ".join(codes)) for status, codes in by_status.items()}


def _oauth2(app: FastAPI) -> dict[str, Any]:
    found = {scope for route in routes(app) for scope in scopes_of(route) or ()}
    flow = {
        "tokenUrl": "/oauth2/token",
        "refreshUrl": "/oauth2/token",
        "scopes": {scope: scope for scope in sorted(found)},
    }
    return {
        "type": "oauth2",
        "description": "Bearer tokens, ES256, five minutes, used as RFC 8725 advises.",
        "flows": {"clientCredentials": flow},
    }
