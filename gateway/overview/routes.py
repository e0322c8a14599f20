"""`/v1/cooperatives/{id}/overview`: below a word of the registry's, and yet the gateway's own."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from chassis.errors import NotFound, Unauthenticated
from chassis.openapi import problems
from chassis.parameters import PathId
from gateway.overview.asking import Asker
from gateway.overview.schemas import Overview
from gateway.overview.service import look
from gateway.plane.callers import Known
from gateway.plane.headers import bearer
from gateway.settings import SERVICES

router = APIRouter(prefix="/v1", tags=["cooperatives"])


async def _asker(request: Request, _: Known) -> Asker:
    state, token = request.app.state, bearer(request.scope["headers"]) or ""
    letters = {name: await state.verifier.letter(token, name) for name in SERVICES}
    patience_s = float(state.settings.overview_patience_s)
    request_id = request.scope["request_id"]
    return Asker(state.http, state.routing.upstreams, letters, request_id, patience_s)


@router.get("/cooperatives/{id}/overview", responses=problems(Unauthenticated, NotFound))
async def read_overview(
    asker: Annotated[Asker, Depends(_asker)],
    id: PathId,
    response: Response,
) -> Overview:
    """A cooperative at one glance: its record, its training, its financing, each as far as you may
    see it. A service that does not answer in time leaves its part `UNAVAILABLE`, and the rest is
    there."""
    response.headers["Cache-Control"] = "no-store"
    return await look(id, asker)
