"""Observations arrive in heaps, late, twice and out of order; what they say together does not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.canonical import canonical, sha256
from chassis.db import AsyncSession
from chassis.errors import Finding
from services.training.attendance import rules
from services.training.attendance.models import AttendanceEvent
from services.training.attendance.repository import Attendance
from services.training.attendance.schemas import (
    AttendanceBatch,
    AttendanceSheet,
    AttendanceWrite,
    CellRead,
    Method,
)
from services.training.completions.repository import CompletionDecisions
from services.training.enrolments.models import Enrolment
from services.training.enrolments.repository import Enrolments
from services.training.enrolments.service import move
from services.training.enrolments.states import PRESENTABLE, EnrolmentAction, EnrolmentStatus
from services.training.history.repository import History
from services.training.sessions.models import SessionSlot, TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.states import UNDER_WAY

_LIVE = (Method.QR, Method.SMS_CODE)
_ASTRAY = timedelta(hours=2)
CONFLICT = "CONFLICT"
AFTER_DECISION = "AFTER_DECISION"
CAPTURED_OUTSIDE_SLOT = "CAPTURED_OUTSIDE_SLOT"


@dataclass
class _Desk:
    """What is needed to judge each observation of a batch."""

    training_session: TrainingSession
    slots: dict[UUID, SessionSlot]
    enrolments: dict[UUID, Enrolment]
    known: dict[UUID, AttendanceEvent]
    piles: dict[rules.Pair, list[AttendanceEvent]]
    decided: set[UUID]
    by: str


@dataclass
class Outcome:
    """What became of one observation."""

    client_event_id: UUID
    status: int
    warnings: list[str] = field(default_factory=list)
    finding: Finding | None = None


async def record(session: AsyncSession, batch: AttendanceBatch, *, by: Caller) -> list[Outcome]:
    """Take every observation that can be taken; say of each of the others why not."""
    await TrainingSessions(session).one_taught_by(batch.training_session_id, by)
    training_session = await TrainingSessions(session).lock_with(batch.training_session_id)
    desk = await _desk(session, training_session, batch, by)
    return [_take(session, desk, seen) for seen in batch.events]


async def _desk(
    session: AsyncSession, training_session: TrainingSession, batch: AttendanceBatch, by: Caller
) -> _Desk:
    id = training_session.id
    wanted = {seen.enrolment_id for seen in batch.events}
    found = await Enrolments(session).named(id, wanted)
    desk = _Desk(
        training_session=training_session,
        slots={slot.id: slot for slot in await TrainingSessions(session).slots(id)},
        enrolments={row.id: row for row in found},
        known=await Attendance(session).by_ids({e.client_event_id for e in batch.events}),
        piles={},
        decided=await CompletionDecisions(session).decided_in(id),
        by=by.sub,
    )
    for event in await Attendance(session).of_enrolments(wanted):
        desk.piles.setdefault((event.enrolment_id, event.slot_id), []).append(event)
    return desk


def _take(session: AsyncSession, desk: _Desk, seen: AttendanceWrite) -> Outcome:
    fingerprint = _fingerprint(desk, seen)
    before = desk.known.get(seen.client_event_id)
    if before is not None and before.fingerprint == fingerprint:
        return Outcome(seen.client_event_id, before.answered, list(before.warnings))
    finding = Finding(code="EVENT_ID_REUSED") if before is not None else _refusal(desk, seen)
    if finding is not None:
        status = 422 if finding.code in _UNPROCESSABLE else 409
        return Outcome(seen.client_event_id, status, finding=finding)
    event = _event(desk, seen, fingerprint)
    _judge(desk, event)
    session.add(event)
    desk.known[event.client_event_id] = event
    _attend(session, desk, event)
    return Outcome(event.client_event_id, event.answered, list(event.warnings))


def _fingerprint(desk: _Desk, seen: AttendanceWrite) -> str:
    said = {**seen.model_dump(mode="json"), "in": str(desk.training_session.id)}
    return sha256(canonical(said))


_UNPROCESSABLE = {
    "ENROLMENT_UNKNOWN",
    "SLOT_UNKNOWN",
    "ATTENDANCE_OUT_OF_WINDOW",
    "ATTENDANCE_MINUTES_INVALID",
    "ATTENDANCE_METHOD_NOT_LIVE",
    "CORRECTION_REASON_REQUIRED",
}


def _refusal(desk: _Desk, seen: AttendanceWrite) -> Finding | None:
    slot, enrolment = desk.slots.get(seen.slot_id), desk.enrolments.get(seen.enrolment_id)
    if slot is None:
        return Finding(code="SLOT_UNKNOWN", pointer="/slot_id")
    if enrolment is None:
        return Finding(code="ENROLMENT_UNKNOWN", pointer="/enrolment_id")
    return _untimely(desk, seen, slot) or _unseated(enrolment) or _unsound(desk, seen, slot)


def _unseated(enrolment: Enrolment) -> Finding | None:
    if enrolment.status in PRESENTABLE:
        return None
    return Finding(code="ENROLMENT_WITHOUT_SEAT", pointer="/enrolment_id")


def _untimely(desk: _Desk, seen: AttendanceWrite, slot: SessionSlot) -> Finding | None:
    is_under_way = desk.training_session.status in UNDER_WAY
    if is_under_way and rules.is_in_window(seen.captured_at, slot.starts_at, clock.now()):
        return None
    return Finding(code="ATTENDANCE_OUT_OF_WINDOW", pointer="/captured_at")


def _unsound(desk: _Desk, seen: AttendanceWrite, slot: SessionSlot) -> Finding | None:
    is_correction = seen.supersedes is not None
    if is_correction != (seen.reason is not None) or seen.supersedes == seen.client_event_id:
        return Finding(code="CORRECTION_REASON_REQUIRED", pointer="/reason")
    if rules.minutes_counted(seen.status, seen.minutes, slot.minutes) is None:
        params = {"max": slot.minutes}
        return Finding(code="ATTENDANCE_MINUTES_INVALID", pointer="/minutes", params=params)
    if desk.training_session.is_recorded_late and seen.method in _LIVE:
        return Finding(code="ATTENDANCE_METHOD_NOT_LIVE", pointer="/method")
    return None


def _event(desk: _Desk, seen: AttendanceWrite, fingerprint: str) -> AttendanceEvent:
    slot = desk.slots[seen.slot_id]
    minutes = rules.minutes_counted(seen.status, seen.minutes, slot.minutes) or 0
    return AttendanceEvent(
        **{**seen.model_dump(), "minutes": minutes},
        training_session_id=desk.training_session.id,
        received_at=clock.now(),
        recorded_by=desk.by,
        fingerprint=fingerprint,
        answered=201,
        warnings=[],
    )


def _judge(desk: _Desk, event: AttendanceEvent) -> None:
    pile = desk.piles.setdefault((event.enrolment_id, event.slot_id), [])
    pile.append(event)
    if rules.cell(pile).has_conflict:
        event.answered = 202
        event.warnings.append(CONFLICT)
    if desk.enrolments[event.enrolment_id].delegation_id in desk.decided:
        event.warnings.append(AFTER_DECISION)
    if _is_astray(desk.slots[event.slot_id], event):
        event.warnings.append(CAPTURED_OUTSIDE_SLOT)


def _is_astray(slot: SessionSlot, event: AttendanceEvent) -> bool:
    # Paper is typed in whenever there is time; a device that scans says when it did.
    if event.method not in _LIVE:
        return False
    return not slot.starts_at - _ASTRAY <= event.captured_at <= slot.ends_at + _ASTRAY


def _attend(session: AsyncSession, desk: _Desk, event: AttendanceEvent) -> None:
    # The first presence counts even if it was already corrected: the order of arrival must not.
    enrolment = desk.enrolments[event.enrolment_id]
    if event.status.is_there and enrolment.status is EnrolmentStatus.CONFIRMED:
        move(History(session), enrolment, EnrolmentAction.ATTEND, by=desk.by)


async def sheet(session: AsyncSession, training_session: TrainingSession) -> AttendanceSheet:
    """Who was where, as far as the observations agree."""
    cells = rules.sheet(await Attendance(session).of_session(training_session.id))
    reads = [
        CellRead(enrolment_id=who, slot_id=slot, **vars(cell))
        for (who, slot), cell in sorted(cells.items())
    ]
    return AttendanceSheet(
        training_session_id=training_session.id,
        cells=reads,
        has_conflicts=any(cell.has_conflict for cell in reads),
    )


async def slots_without_attendance(
    session: AsyncSession, training_session: TrainingSession, slots: Sequence[SessionSlot]
) -> list[UUID]:
    """The slots of which nobody has observed anything."""
    seen = {event.slot_id for event in await Attendance(session).of_session(training_session.id)}
    return [slot.id for slot in slots if slot.id not in seen]
