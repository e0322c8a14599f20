"""The contract and the catalogue of errors, as anyone may read them."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.parameters import PathCode
from gateway.contract.catalogue import ProblemKind, ProblemList
from gateway.plane.callers import Anyone

router = APIRouter(prefix="/v1", tags=["contract"])
_CACHE = {"Cache-Control": "public, max-age=60"}


@router.get("/openapi.json", response_model=dict[str, Any])
async def read_contract(request: Request, _: Anyone) -> Response:
    """This document: the contract of the whole platform (OpenAPI 3.1)."""
    return Response(request.app.state.contract(), media_type="application/json", headers=_CACHE)


@router.get("/problems")
async def list_problems(request: Request, _: Anyone, response: Response) -> ProblemList:
    """Every code that an answer may carry, with its cause and its remedy in both languages."""
    response.headers.update(_CACHE)
    return ProblemList(items=list(request.app.state.problem_kinds.values()))


@router.get("/problems/{code}", responses=problems(NotFound))
async def read_problem(
    request: Request, _: Anyone, code: PathCode, response: Response
) -> ProblemKind:
    """One code: the `type` of a problem leads here."""
    found: ProblemKind | None = request.app.state.problem_kinds.get(code)
    if found is None:
        raise NotFound()
    response.headers.update(_CACHE)
    return found
