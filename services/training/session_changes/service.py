"""What may befall an approved session: more or fewer seats, other dates, or no session at all."""

from dataclasses import replace
from uuid import UUID

from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import ValidationFailed
from chassis.versions import expect
from services.training.enrolments.service import cancel_all, seats_of
from services.training.history.repository import History
from services.training.seat_offers.service import cancel_open, promote
from services.training.session_changes.schemas import CapacityWrite
from services.training.sessions import rules
from services.training.sessions.errors import CapacityBelowHeld, SessionAlreadyHeld
from services.training.sessions.models import TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.service import begin, move, taught
from services.training.sessions.states import BEFORE_START, PLANNING, SessionAction, demand


async def postpone(
    session: AsyncSession, id: UUID, *, version: int | None, reason: str, by: Caller
) -> TrainingSession:
    """The dates fall; the confirmed keep their seats until new dates are approved."""
    training_session = await begin(session, id, version, SessionAction.POSTPONE)
    if training_session.is_recorded_late:
        raise SessionAlreadyHeld()
    await TrainingSessions(session).forget_slots(id)
    training_session.starts_at = training_session.ends_at = None
    training_session.registration_opens_at = training_session.registration_closes_at = None
    return move(session, training_session, SessionAction.POSTPONE, by=by, reason=reason)


async def cancel(
    session: AsyncSession, id: UUID, *, version: int | None, reason: str, by: Caller
) -> TrainingSession:
    """The session will not be held; every enrolment and every open offer ends with it."""
    training_session = await begin(session, id, version, SessionAction.CANCEL)
    await cancel_open(session, training_session, by=by.sub)
    await cancel_all(session, training_session, by=by.sub, reason=reason)
    return move(session, training_session, SessionAction.CANCEL, by=by, reason=reason)


async def change_capacity(
    session: AsyncSession, id: UUID, wish: CapacityWrite, *, version: int | None, by: Caller
) -> TrainingSession:
    """More seats are offered at once to those who wait; held ones are never taken away."""
    training_session = await TrainingSessions(session).lock_with(id)
    expect(version, training_session.version)
    status = training_session.status
    demand(status, PLANNING | BEFORE_START, "CHANGE_CAPACITY")
    seats = replace(await seats_of(session, training_session), capacity=wish.capacity)
    if seats.held.size and not seats.can_keep_its_promises:
        raise CapacityBelowHeld(held=seats.held.size)
    programme = await taught(session, training_session)
    findings = [
        *rules.sizes_agree(wish.capacity, training_session.model_dump(include=rules.SIZES)),
        *rules.size_fits_programme(
            wish.capacity, programme.min_participants, programme.max_participants
        ),
    ]
    if findings:
        raise ValidationFailed(findings=findings)
    training_session.capacity = wish.capacity
    training_session.version += 1
    History(session).note(
        f"training-session/{id}", "CHANGE_CAPACITY", (status, status), by=by.sub, reason=wish.reason
    )
    await promote(session, training_session)
    return training_session
