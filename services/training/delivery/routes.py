"""Running a session: its trainers start and deliver it, a manager closes its file."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.versions import IfMatchIfSent
from services.training.delivery import service
from services.training.delivery.schemas import StartWrite
from services.training.fields import Nothing
from services.training.scopes import Steward, Trainer
from services.training.sessions.errors import (
    AttendanceConflicts,
    AttendanceMissing,
    SessionNotBegun,
    SessionNotOver,
    TooFewParticipants,
)
from services.training.sessions.routes import Delivered, Managed, answer
from services.training.sessions.schemas import TrainingSessionRead

router = APIRouter(prefix="/v1", tags=["training sessions"])
Empty = Annotated[Nothing, Json(Nothing)]


@router.post(
    "/training-sessions/{id}/starts",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition, SessionNotBegun, TooFewParticipants),
)
async def start_training_session(
    session: Session,
    by: Trainer,
    thing: Delivered,
    act: Act,
    wish: Annotated[StartWrite, Json(StartWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Begin, once the first slot is reached; with fewer than the minimum somebody signs for it."""
    moved = await service.start(
        session, thing.id, version=version, override=wish.override_reason, by=by
    )
    return await answer(session, act, moved)


@router.post(
    "/training-sessions/{id}/deliveries",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(
        NotFound, IllegalTransition, SessionNotOver, AttendanceMissing, AttendanceConflicts
    ),
)
async def deliver_training_session(
    session: Session, by: Trainer, thing: Delivered, act: Act, _: Empty, version: IfMatchIfSent
) -> Response:
    """Declare the session delivered: every slot is over and has its attendance."""
    moved = await service.deliver(session, thing.id, version=version, by=by)
    return await answer(session, act, moved)


@router.post(
    "/training-sessions/{id}/closures",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition),
)
async def close_training_session(
    session: Session, by: Steward, thing: Managed, act: Act, _: Empty, version: IfMatchIfSent
) -> Response:
    """Close the file of a session whose results are validated."""
    moved = await service.close(session, thing.id, version=version, by=by)
    return await answer(session, act, moved)
