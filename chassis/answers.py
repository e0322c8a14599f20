"""How a refusal leaves the house: RFC 9457 problems, never a trace, never an echo of the input."""

import json
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Annotated, Any

import structlog
from asyncpg import InterfaceError, PostgresError
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import WithJsonSchema
from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from chassis.catalogue import Catalogue, Language, preferred_language
from chassis.errors import (
    BodyTooLarge,
    ConstraintBroken,
    DatabaseUnavailable,
    Finding,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    Problem,
    UnsupportedMediaType,
    ValidationFailed,
    is_name,
)

log = structlog.get_logger()
_MOST_FINDINGS = 1_000  # `count` still says how many there were
_RETRYABLE = (
    "40001",
    "40P01",
    "55P03",
    "57014",
)  # serialisation, deadlock, lock, statement time-out


def render(request: Request, problem: Problem) -> Response:
    """The answer to `problem`, in the caller's language, with its catalogue sentences."""
    catalogue: Catalogue = request.app.state.catalogue
    base: str = request.app.state.settings.public_base
    language = preferred_language(request.headers.get("accept-language"))
    entry = catalogue.entries[problem.code]
    params = {"count": len(problem.findings), **problem.members}
    trace_id = request.scope.get("trace_id", "")
    body = {
        **problem.members,
        "type": f"{base}/problems/{problem.code}",
        "title": entry.title[language],
        "status": problem.status,
        "code": problem.code,
        "detail": catalogue.sentence(problem.code, language, params),
        "remedy": entry.remedy[language],
        "instance": f"urn:mboolo:trace:{trace_id}",
        "trace_id": trace_id,
        "errors": describe(catalogue, language, problem.findings),
    }
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    return Response(
        json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace"),
        status_code=problem.status,
        media_type="application/problem+json",
        headers={**headers, **problem.headers},
    )


# A finding with its sentence, as `describe` makes it.
Described = Annotated[dict[str, Any], WithJsonSchema({"$ref": "#/components/schemas/Finding"})]


def describe(
    catalogue: Catalogue, language: Language, findings: Sequence[Finding]
) -> list[Described]:
    """Findings as the wire shows them, each with its sentence."""
    return [_finding(catalogue, language, finding) for finding in findings[:_MOST_FINDINGS]]


def _finding(catalogue: Catalogue, language: Language, finding: Finding) -> dict[str, Any]:
    where = {
        name: value
        for name in ("pointer", "parameter", "header", "law_ref")
        if (value := getattr(finding, name)) is not None
    }
    return {
        **where,
        "code": finding.code,
        "severity": finding.severity,
        "message": catalogue.sentence(finding.code, language, finding.params),
        "remedy": catalogue.entries[finding.code].remedy[language],
        "params": dict(finding.params),
    }


def from_validation(errors: Sequence[Any]) -> Problem:
    """What FastAPI or pydantic found, by rank: path 404, query and headers 400, body 422."""
    places = {str(error["loc"][0]) for error in errors}
    if "path" in places:
        return NotFound()
    if places & {"query", "header", "cookie"}:
        return MalformedRequest(findings=[parameter_finding(e) for e in errors])
    return ValidationFailed(findings=[body_finding(e, e["loc"][1:]) for e in errors])


def parameter_finding(error: Mapping[str, Any]) -> Finding:
    """A query parameter or header that cannot be read."""
    place, name = str(error["loc"][0]), str(error["loc"][-1])
    code, params = _shape_code(error), _expected(error)
    if place == "header":
        return Finding(code=code, params=params, header=name)
    return Finding(code=code, params=params, parameter=name)


def body_finding(error: Mapping[str, Any], loc: Sequence[Any]) -> Finding:
    """A field of the body that cannot be read; `loc` is its path inside the body.

    The pointer ends at the last object whose name may be said: what holds the odd one.
    """
    steps = takewhile(_may_be_said, loc)
    return Finding(
        code=_shape_code(error),
        pointer="".join(f"/{step}" for step in steps),
        params=_expected(error),
    )


def _may_be_said(step: Any) -> bool:
    return isinstance(step, int) or is_name(str(step))


def _shape_code(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind.isupper():  # raised by a schema of ours under its own code
        return kind
    return {"missing": "FIELD_MISSING", "extra_forbidden": "FIELD_UNKNOWN"}.get(
        kind, "FIELD_INVALID"
    )


_INPUT = ("error", "input", "tag")


def _expected(error: Mapping[str, Any]) -> dict[str, Any]:
    # `tag` is what the caller wrote where a union is told apart; an `error` may quote the input
    context = {k: v for k, v in (error.get("ctx") or {}).items() if k not in _INPUT}
    plain = {k: v for k, v in context.items() if isinstance(v, str | int | bool)}
    return {"expected": str(error["type"]), **plain}


def _from_database(request: Request, error: DBAPIError) -> Problem:
    cause = getattr(error.orig, "__cause__", None)
    name = getattr(cause, "constraint_name", None)
    entry = request.app.state.catalogue.by_constraint.get(name)
    if entry is not None:
        return ConstraintBroken.named(entry.code, entry.status)
    if isinstance(error, IntegrityError):
        log.warning("constraint_broken", constraint=name)
        return ConstraintBroken()
    return DatabaseUnavailable()


def is_passing(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed a moment later, or the connection is gone."""
    return error.connection_invalidated or _is_passing_state(error.orig)


def _is_passing_state(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None) or ""
    return state in _RETRYABLE or state.startswith(("08", "53", "57"))


def _from_http(request: Request, error: HTTPException) -> Problem:
    if error.status_code == 405:
        return MethodNotAllowed(headers={"Allow": ", ".join(_allowed_methods(request))})
    kinds: dict[int, type[Problem]] = {404: NotFound, 413: BodyTooLarge}
    if error.status_code == 415:
        return UnsupportedMediaType(expected="application/json")
    return kinds.get(error.status_code, MalformedRequest)()


def _allowed_methods(request: Request) -> list[str]:
    from fastapi.routing import iter_route_contexts  # noqa: PLC0415 - only on this rare path

    found: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        route = context.route
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


async def _on_problem(request: Request, error: Any) -> Response:
    return render(request, error)


async def _on_validation(request: Request, error: Any) -> Response:
    return render(request, from_validation(error.errors()))


async def _on_http(request: Request, error: Any) -> Response:
    return render(request, _from_http(request, error))


async def _on_database(request: Request, error: Any) -> Response:
    if isinstance(error, IntegrityError) or (isinstance(error, DBAPIError) and is_passing(error)):
        return render(request, _from_database(request, error))
    if isinstance(error, TimeoutError | OSError):
        return render(request, DatabaseUnavailable())
    raise error


async def _on_driver(request: Request, error: Any) -> Response:
    # hot reads speak to the driver itself
    if isinstance(error, InterfaceError) or _is_passing_state(error):
        return render(request, DatabaseUnavailable())
    raise error


def install(app: FastAPI) -> None:
    """Every way out of a route that is not an answer becomes a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in (DBAPIError, TimeoutError, ConnectionError, OSError):
        app.add_exception_handler(kind, _on_database)
    for kind in (PostgresError, InterfaceError):
        app.add_exception_handler(kind, _on_driver)
