"""Validation of results: the last word on a session, by somebody who did not lead it."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.versions import IfMatchIfSent
from services.training.completions.errors import DecisionMissing
from services.training.fields import Nothing
from services.training.results import service
from services.training.scopes import Steward
from services.training.sessions.errors import FourEyes
from services.training.sessions.routes import Managed, answer
from services.training.sessions.schemas import TrainingSessionRead

router = APIRouter(prefix="/v1", tags=["results"])


@router.post(
    "/training-sessions/{id}/result-validations",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition, DecisionMissing, FourEyes),
)
async def validate_results(
    session: Session,
    by: Steward,
    thing: Managed,
    act: Act,
    _: Annotated[Nothing, Json(Nothing)],
    version: IfMatchIfSent,
) -> Response:
    """Make the results of a delivered session final; the registry and financing hear of them."""
    moved = await service.validate(session, thing.id, version=version, by=by)
    return await answer(session, act, moved)
