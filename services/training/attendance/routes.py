"""Attendance: sent by devices that may have been offline, read as one sheet."""

from typing import Annotated

from fastapi import APIRouter

from chassis.answers import describe
from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import NotFound, ValidationFailed
from chassis.openapi import problems
from chassis.parameters import PathId
from chassis.tools import Sentences, Spoken
from services.training.attendance import service
from services.training.attendance.schemas import (
    AttendanceAnswer,
    AttendanceBatch,
    AttendanceResult,
    AttendanceSheet,
)
from services.training.scopes import Reader, Trainer
from services.training.sessions.repository import TrainingSessions

router = APIRouter(prefix="/v1", tags=["attendance"])


@router.post("/attendance-events", responses=problems(NotFound, ValidationFailed))
async def record_attendance(
    session: Session,
    by: Trainer,
    catalogue: Sentences,
    language: Spoken,
    batch: Annotated[AttendanceBatch, Json(AttendanceBatch)],
) -> AttendanceAnswer:
    """Record what was observed in a session of yours: at most 500 observations, each with its own
    result. No idempotency key is needed: `client_event_id` makes a repetition harmless."""
    outcomes = await service.record(session, batch, by=by)
    return AttendanceAnswer(
        results=[
            AttendanceResult(
                client_event_id=outcome.client_event_id,
                status=outcome.status,
                warnings=outcome.warnings,
                errors=describe(catalogue, language, [outcome.finding] if outcome.finding else []),
            )
            for outcome in outcomes
        ]
    )


@router.get("/training-sessions/{id}/attendance-sheet", responses=problems(NotFound))
async def read_attendance_sheet(session: Session, caller: Reader, id: PathId) -> AttendanceSheet:
    """Who was in which slot, after corrections; for those who run the session."""
    training_session = await TrainingSessions(session).one_run_by(id, caller)
    return await service.sheet(session, training_session)
