"""A session while people learn: it starts, it has been delivered, its file is closed."""

from collections.abc import Sequence
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from services.training.attendance.service import sheet, slots_without_attendance
from services.training.enrolments.service import confirmed_count
from services.training.seat_offers.service import end_queue
from services.training.sessions.errors import (
    AttendanceConflicts,
    AttendanceMissing,
    SessionNotBegun,
    SessionNotOver,
    TooFewParticipants,
)
from services.training.sessions.models import SessionSlot, TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.service import begin, move
from services.training.sessions.states import SessionAction


async def start(
    session: AsyncSession, id: UUID, *, version: int | None, override: str | None, by: Caller
) -> TrainingSession:
    """The first slot has been reached, and enough people are certain to come."""
    training_session = await begin(session, id, version, SessionAction.START)
    if training_session.starts_at is None or training_session.starts_at > clock.now():
        raise SessionNotBegun()
    confirmed = await confirmed_count(session, training_session)
    if confirmed < training_session.min_participants and override is None:
        raise TooFewParticipants(confirmed=confirmed, min=training_session.min_participants)
    await end_queue(session, training_session, by=by.sub)
    return move(session, training_session, SessionAction.START, by=by, reason=override)


async def deliver(
    session: AsyncSession, id: UUID, *, version: int | None, by: Caller
) -> TrainingSession:
    """Every slot is over and has its attendance, and nothing in it contradicts itself."""
    training_session = await begin(session, id, version, SessionAction.DELIVER)
    slots = await TrainingSessions(session).slots(id)
    if any(slot.ends_at > clock.now() for slot in slots):
        raise SessionNotOver()
    await _demand_attendance(session, training_session, slots)
    return move(session, training_session, SessionAction.DELIVER, by=by)


async def _demand_attendance(
    session: AsyncSession, training_session: TrainingSession, slots: Sequence[SessionSlot]
) -> None:
    missing = await slots_without_attendance(session, training_session, slots)
    if missing:
        raise AttendanceMissing(slot_ids=[str(id) for id in missing])
    if (await sheet(session, training_session)).has_conflicts:
        raise AttendanceConflicts()


async def close(
    session: AsyncSession, id: UUID, *, version: int | None, by: Caller
) -> TrainingSession:
    """The file of the session is complete."""
    training_session = await begin(session, id, version, SessionAction.CLOSE)
    return move(session, training_session, SessionAction.CLOSE, by=by)
