"""One step in the life of a session, and who may see or touch it."""

from collections.abc import Sequence
from uuid import UUID

from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.versions import expect
from services.training.enrolments.repository import Enrolments
from services.training.enrolments.service import seats_of
from services.training.enrolments.states import EnrolmentStatus
from services.training.history.repository import History
from services.training.history.schemas import TransitionRead
from services.training.scopes import MANAGE
from services.training.sessions.errors import VersionNotPublished
from services.training.sessions.models import SessionSlot, TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.schemas import (
    Availability,
    RecordedLateRead,
    SlotRead,
    TrainingSessionDetail,
    TrainingSessionRead,
)
from services.training.sessions.states import LIFE, SessionAction
from services.training.tools.models import ProgrammeVersion
from services.training.tools.repository import Catalogue
from services.training.tools.schemas import VersionStatus


async def begin(
    session: AsyncSession, id: UUID, version: int | None, action: SessionAction
) -> TrainingSession:
    """The session, locked, as the caller knows it, and in a state from which `action` leads on."""
    training_session = await TrainingSessions(session).lock_with(id)
    expect(version, training_session.version)
    LIFE.move(training_session.status, action)
    return training_session


def move(
    session: AsyncSession,
    training_session: TrainingSession,
    action: SessionAction,
    *,
    by: Caller,
    reason: str | None = None,
) -> TrainingSession:
    """Take one step in the life of a session, and remember it at its true instant."""
    before = training_session.status
    training_session.status = LIFE.move(before, action)
    training_session.version += 1
    move = (before, training_session.status)
    History(session).note(_subject(training_session), action, move, by=by.sub, reason=reason)
    return training_session


def _subject(training_session: TrainingSession) -> str:
    return f"training-session/{training_session.id}"


async def taught(session: AsyncSession, training_session: TrainingSession) -> ProgrammeVersion:
    """The published version that the session teaches."""
    version = await Catalogue(session).version(training_session.programme_version_id)
    if version is None or version.status is not VersionStatus.PUBLISHED:
        raise VersionNotPublished()
    return version


def runs(training_session: TrainingSession, caller: Caller) -> bool:
    """Whether `caller` manages the session's territory or teaches in it."""
    is_manager = caller.has(MANAGE) and caller.covers(training_session.path)
    return is_manager or caller.sub in training_session.trainers


async def show(session: AsyncSession, row: TrainingSession) -> TrainingSessionRead:
    """One session on the wire."""
    return (await show_all(session, [row]))[0]


async def show_all(
    session: AsyncSession, rows: Sequence[TrainingSession]
) -> list[TrainingSessionRead]:
    """Several sessions on the wire, their slots read at once."""
    slots = await TrainingSessions(session).slots_of([row.id for row in rows])
    return [_read(row, slots[row.id], await _programme_code(session, row)) for row in rows]


async def show_detail(
    session: AsyncSession, row: TrainingSession, caller: Caller
) -> TrainingSessionDetail:
    """A session with its seats; its history only for those who run it."""
    read = await show(session, row)
    history = await History(session).of(_subject(row)) if runs(row, caller) else []
    return TrainingSessionDetail(
        **read.model_dump(),
        availability=await _availability(session, row),
        history=[TransitionRead.model_validate(move, from_attributes=True) for move in history],
    )


async def _programme_code(session: AsyncSession, row: TrainingSession) -> str:
    version = await session.get_one(ProgrammeVersion, row.programme_version_id)
    return version.programme_code


async def _availability(session: AsyncSession, row: TrainingSession) -> Availability:
    seats = await seats_of(session, row)
    return Availability(
        capacity=seats.capacity,
        held=seats.held.size,
        free=max(0, seats.free),
        women_still_reserved=seats.women_wanted,
        youth_still_reserved=seats.youth_wanted,
        waitlisted=await Enrolments(session).count(row.id, EnrolmentStatus.WAITLISTED),
    )


def _read(
    row: TrainingSession, slots: Sequence[SessionSlot], programme_code: str
) -> TrainingSessionRead:
    late = row.recorded_late_reason
    return TrainingSessionRead(
        **row.model_dump(include=set(TrainingSessionRead.model_fields)),
        programme_code=programme_code,
        recorded_late=RecordedLateRead(reason=late) if late is not None else None,
        slots=[SlotRead.model_validate(slot, from_attributes=True) for slot in slots],
        allowed_actions=[action.value for action in LIFE.allowed(row.status)],
    )
