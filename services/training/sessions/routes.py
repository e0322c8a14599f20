"""Sessions, read. What may happen to them stands with plans, changes, deliveries and results."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.db import Session
from chassis.errors import NotFound
from chassis.fields import Id
from chassis.idempotency import Once
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import etag
from services.training.scopes import Reader, Steward, Trainer
from services.training.sessions import service
from services.training.sessions.models import TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.schemas import TrainingSessionDetail, TrainingSessionRead
from services.training.sessions.states import SessionStatus

router = APIRouter(prefix="/v1", tags=["training sessions"])


async def _managed(session: Session, by: Steward, id: PathId) -> TrainingSession:
    return await TrainingSessions(session).one_managed_by(id, by)


async def _delivered(session: Session, by: Trainer, id: PathId) -> TrainingSession:
    return await TrainingSessions(session).one_taught_by(id, by)


Managed = Annotated[TrainingSession, Depends(_managed)]
Delivered = Annotated[TrainingSession, Depends(_delivered)]


@router.get("/training-sessions")
async def list_training_sessions(
    session: Session,
    caller: Reader,
    window: List,
    response: Response,
    status: Annotated[SessionStatus | None, Query()] = None,
    cooperative_id: Annotated[
        Id | None, Query(description="those that it attends, as far as you may see its groups")
    ] = None,
) -> Page[TrainingSessionRead]:
    """Opened sessions, and the plans of your territory; newest first."""
    after = UUID(window.after[0]) if window.after else None
    rows = await TrainingSessions(session).in_view(
        caller, status=status, cooperative_id=cooperative_id, after=after, limit=window.limit
    )
    reads = await service.show_all(session, rows)
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/training-sessions/{id}", responses=problems(NotFound))
async def read_training_session(
    session: Session, caller: Reader, id: PathId, response: Response
) -> TrainingSessionDetail:
    """One session with its seats; those who run it also see its history."""
    found = await TrainingSessions(session).one_in_view(id, caller)
    response.headers["ETag"] = etag(found.version)
    return await service.show_detail(session, found, caller)


async def answer(session: Session, act: Once, moved: TrainingSession) -> Response:
    """What every act on a session answers: the session as it has become."""
    read = await service.show(session, moved)
    headers = {"Location": f"/v1/training-sessions/{moved.id}", "ETag": etag(moved.version)}
    return await act.answer(201, read, headers=headers)
