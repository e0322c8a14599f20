"""Planning a session: draft, submit, approve, open and close registration."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import (
    IllegalTransition,
    NotFound,
    PreconditionFailed,
    ValidationFailed,
)
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.versions import IfMatch, IfMatchIfSent, etag
from services.training.fields import Nothing
from services.training.plans import service
from services.training.plans.schemas import TrainingSessionPatch, TrainingSessionWrite
from services.training.scopes import Steward
from services.training.sessions.errors import (
    RegistrationWindowPast,
    ResourceConflict,
    VersionNotPublished,
)
from services.training.sessions.routes import Managed, answer
from services.training.sessions.schemas import TrainingSessionRead
from services.training.sessions.service import show

router = APIRouter(prefix="/v1", tags=["training sessions"])
Empty = Annotated[Nothing, Json(Nothing)]


@router.post(
    "/training-sessions",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(ValidationFailed),
)
async def plan_training_session(
    session: Session,
    by: Steward,
    act: Act,
    wish: Annotated[TrainingSessionWrite, Json(TrainingSessionWrite)],
) -> Response:
    """Draft a session in your territory; say so when it was already held (`recorded_late`)."""
    return await answer(session, act, await service.plan(session, wish, by=by))


@router.patch(
    "/training-sessions/{id}",
    responses=problems(NotFound, IllegalTransition, PreconditionFailed, ValidationFailed),
)
async def revise_training_session(
    session: Session,
    _: Steward,
    thing: Managed,
    patch: Annotated[TrainingSessionPatch, Json(TrainingSessionPatch)],
    version: IfMatch,
    response: Response,
) -> TrainingSessionRead:
    """Change a draft, or the dates and staff of a postponed session."""
    revised = await service.revise(session, thing.id, patch, version=version)
    response.headers["ETag"] = etag(revised.version)
    return await show(session, revised)


@router.post(
    "/training-sessions/{id}/submissions",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition, VersionNotPublished, ValidationFailed),
)
async def submit_training_session(
    session: Session, by: Steward, thing: Managed, act: Act, _: Empty, version: IfMatchIfSent
) -> Response:
    """Put a plan forward: its slots cover every module, its sizes and dates agree."""
    moved = await service.submit(session, thing.id, version=version, by=by)
    return await answer(session, act, moved)


@router.post(
    "/training-sessions/{id}/approvals",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition, VersionNotPublished, ResourceConflict),
)
async def approve_training_session(
    session: Session, by: Steward, thing: Managed, act: Act, _: Empty, version: IfMatchIfSent
) -> Response:
    """Approve a plan; from now on it binds its trainers."""
    moved = await service.approve(session, thing.id, version=version, by=by)
    return await answer(session, act, moved)


@router.post(
    "/training-sessions/{id}/openings",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition, RegistrationWindowPast),
)
async def open_training_session(
    session: Session, by: Steward, thing: Managed, act: Act, _: Empty, version: IfMatchIfSent
) -> Response:
    """Open registration: everybody sees the session, and groups may enrol."""
    moved = await service.open_registration(session, thing.id, version=version, by=by)
    return await answer(session, act, moved)


@router.post(
    "/training-sessions/{id}/registration-closures",
    status_code=201,
    response_model=TrainingSessionRead,
    responses=problems(NotFound, IllegalTransition),
)
async def close_training_session_registration(
    session: Session, by: Steward, thing: Managed, act: Act, _: Empty, version: IfMatchIfSent
) -> Response:
    """Close registration: nobody enrols any more, those who wait may still be offered seats."""
    moved = await service.close_registration(session, thing.id, version=version, by=by)
    return await answer(session, act, moved)
