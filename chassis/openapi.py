"""The contract as a document: what the routes say, finished for generators and linters."""

from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from chassis import openapi_operations as operations
from chassis.openapi_answers import HEADERS
from chassis.openapi_bounds import finish_answer, finish_body
from chassis.openapi_patches import as_merge_patch
from chassis.openapi_problem import FINDING_SCHEMA, PROBLEM_SCHEMA
from chassis.openapi_refs import SCHEMAS, reached, renamed, told_apart, well_named
from chassis.openapi_routes import (
    body_of,
    facts_of,
    files_of,
    is_merge_patch,
    operation_id,
    routes,
    scopes_of,
)
from chassis.openapi_unions import show_shapes, tell_apart
from chassis.unions import shapes_in, tie_in

__all__ = [
    "PREFIX",
    "body_of",
    "document",
    "oauth2",
    "operation_id",
    "problems",
    "routes",
    "scopes_of",
]
PREFIX = "/v1"
_NOT_OURS = ("HTTPValidationError", "ValidationError")  # FastAPI's; ours is Problem
_Schemas = dict[str, dict[str, Any]]


def problems(*kinds: Any) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: the refusals that a caller should expect, by status."""
    by_status: dict[int | str, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind.code)
    return {
        status: {"description": " · ".join(codes), "x-codes": codes}
        for status, codes in by_status.items()
    }


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of one process."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        separate_input_output_schemas=True,
    )
    shared: dict[str, dict[str, Any]] = {}
    shown = [route for route in routes(app) if route.include_in_schema]
    for route in shown:
        for method in route.methods or ():
            operation = made["paths"][route.path_format][method.lower()]
            _announce_body(operation, route, method)
            operations.finish(operation, facts_of(route), shared)
    schemas = _schemas(app, made)
    made["components"] = {
        "schemas": schemas,
        "headers": deepcopy(HEADERS),
        "responses": shared,
        "securitySchemes": {"oauth2": _oauth2(app)},
    }
    made["paths"] = {_public(path): item for path, item in made["paths"].items()}
    made["servers"] = [{"url": PREFIX}]
    return made


def _public(path: str) -> str:
    return path.removeprefix(PREFIX) or "/"


def _announce_body(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    if (files := files_of(route)) is not None:
        operation["requestBody"] = _file(*files)
    model = body_of(route)
    if model is None:
        return
    media = "application/merge-patch+json" if method == "PATCH" else "application/json"
    # a patch without a body changes nothing, and is refused; other acts may have nothing to say
    says = any(field.is_required() for field in model.model_fields.values())
    required = method == "PATCH" or says
    schema = {"$ref": SCHEMAS + model.__name__}
    operation["requestBody"] = {"required": required, "content": {media: {"schema": schema}}}


def _file(media: tuple[str, ...], most_bytes: int) -> dict[str, Any]:
    schema = {"type": "string", "format": "binary", "maxLength": most_bytes}
    return {"required": True, "content": {kind: {"schema": dict(schema)} for kind in media}}


def _schemas(app: FastAPI, made: dict[str, Any]) -> _Schemas:
    known: _Schemas = made.get("components", {}).get("schemas", {})
    known = {name: schema for name, schema in known.items() if name not in _NOT_OURS}
    known |= {"Problem": deepcopy(PROBLEM_SCHEMA), "Finding": deepcopy(FINDING_SCHEMA)}
    every = [operation for item in made["paths"].values() for operation in item.values()]
    sent = [(one.get("parameters"), one.get("requestBody")) for one in every]
    read = reached([part for pair in sent for part in pair], known)
    bodies = {name: finish_body(known.pop(name)) for name in sorted(read & known.keys())}
    bodies |= _bodies(app)
    show_shapes(known, bodies)
    answers = {name: finish_answer(schema) for name, schema in known.items()}
    names = well_named(answers) | told_apart(bodies, answers)
    for operation in every:
        operation["responses"] = renamed(operation["responses"], names)
    return bodies | {names.get(n, n): renamed(schema, names) for n, schema in answers.items()}


def _bodies(app: FastAPI) -> _Schemas:
    models = {model for route in routes(app) if (model := body_of(route)) is not None}
    models |= {shape for model in models for shape in shapes_in(model)}
    ordered = sorted(models, key=lambda model: model.__name__)
    pairs: Any = [(model, "validation") for model in ordered]
    _, made = models_json_schema(pairs, ref_template=SCHEMAS + "{model}")
    schemas: _Schemas = made.get("$defs", {})
    for model in {body_of(route) for route in routes(app) if is_merge_patch(route)}:
        as_merge_patch(schemas, getattr(model, "__name__", ""))
    for model in ordered:
        if (tie := tie_in(model)) is not None:
            tell_apart(schemas, model.__name__, *tie)
    return {name: finish_body(schema) for name, schema in schemas.items()}


def _oauth2(app: FastAPI) -> dict[str, Any]:
    found = {scope for route in routes(app) for scope in scopes_of(route) or ()}
    return oauth2({scope: scope for scope in sorted(found)})


def oauth2(scopes: dict[str, str]) -> dict[str, Any]:
    """The one way to identify oneself; `scopes` (name -> what it opens)."""
    machines = {"tokenUrl": "/oauth2/token", "refreshUrl": "/oauth2/token", "scopes": scopes}
    persons = {"authorizationUrl": "/oauth2/authorize", **machines}
    return {
        "type": "oauth2",
        "description": "Bearer tokens, ES256, five minutes, used as RFC8725 advises. Machines ask"
        " for them by themselves, persons through an application (PKCE, S256).",
        "flows": {"clientCredentials": machines, "authorizationCode": persons},
    }
