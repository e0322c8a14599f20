"""What may befall a session: postponed, cancelled, made larger or smaller."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.versions import IfMatchIfSent
from services.training.fields import Reasoned
from services.training.scopes import Steward
from services.training.session_changes import service
from services.training.session_changes.schemas import CapacityWrite
from services.training.sessions.errors import CapacityBelowHeld, SessionAlreadyHeld
from services.training.sessions.routes import Managed, answer
from services.training.sessions.schemas import TrainingSessionRead

router = APIRouter(prefix="/v1", tags=["training sessions"])
Why = Annotated[Reasoned, Json(Reasoned)]


@router.post(
    "/training-sessions/{id}/postponements",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition, SessionAlreadyHeld),
)
async def postpone_training_session(
    session: Session, by: Steward, thing: Managed, act: Act, why: Why, version: IfMatchIfSent
) -> Response:
    """Take the dates back; the confirmed keep their seats until new dates are approved."""
    moved = await service.postpone(session, thing.id, version=version, reason=why.reason, by=by)
    return await answer(session, act, moved)


@router.post(
    "/training-sessions/{id}/cancellations",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition),
)
async def cancel_training_session(
    session: Session, by: Steward, thing: Managed, act: Act, why: Why, version: IfMatchIfSent
) -> Response:
    """Call the session off, with all its enrolments and offers."""
    moved = await service.cancel(session, thing.id, version=version, reason=why.reason, by=by)
    return await answer(session, act, moved)


@router.post(
    "/training-sessions/{id}/capacity-changes",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition, CapacityBelowHeld, ValidationFailed),
)
async def change_training_session_capacity(
    session: Session,
    by: Steward,
    thing: Managed,
    act: Act,
    wish: Annotated[CapacityWrite, Json(CapacityWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Set the number of seats; new ones are offered at once to those who wait."""
    moved = await service.change_capacity(session, thing.id, wish, version=version, by=by)
    return await answer(session, act, moved)
