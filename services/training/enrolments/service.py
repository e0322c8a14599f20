"""Moving an enrolment, and knowing who may see it."""

from collections.abc import Sequence
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import NotFound
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.repository import Delegations, Enrolments
from services.training.enrolments.rules import Seats
from services.training.enrolments.states import LIFE, EnrolmentAction, EnrolmentStatus
from services.training.history.repository import History
from services.training.scopes import MANAGE
from services.training.sessions.models import TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.tools.repository import Policies


def move(
    history: History,
    enrolment: Enrolment,
    action: EnrolmentAction,
    *,
    by: str,
    reason: str | None = None,
) -> None:
    """Take one step in the life of an enrolment, and remember it."""
    before = enrolment.status
    enrolment.status = LIFE.move(before, action)
    enrolment.version += 1
    subject = f"enrolment/{enrolment.id}"
    history.note(subject, action, (before, enrolment.status), by=by, reason=reason)


async def seats_of(session: AsyncSession, training_session: TrainingSession) -> Seats:
    """The seats as they are now; the session must be locked when a seat depends on it."""
    on = (training_session.starts_at or clock.now()).date()
    youth = await Policies(session).youth_age(on)
    return Seats(
        capacity=training_session.capacity,
        reserved_women=training_session.reserved_women,
        reserved_youth=training_session.reserved_youth,
        held=await Enrolments(session).held(training_session.id, youth, on),
    )


async def cancel_all(
    session: AsyncSession, training_session: TrainingSession, *, by: str, reason: str
) -> None:
    """The organiser cancels every enrolment that can still be cancelled."""
    live = LIFE.moves[EnrolmentAction.CANCEL][0]
    history = History(session)
    for enrolment in await Enrolments(session).of_session(training_session.id, live):
        move(history, enrolment, EnrolmentAction.CANCEL, by=by, reason=reason)
    for delegation in await Delegations(session).of_session(training_session.id):
        delegation.is_live = False
        delegation.version += 1


async def close_if_empty(
    session: AsyncSession, delegation_id: UUID, members: Sequence[Enrolment]
) -> None:
    """A group of whom nobody takes part any more may come back with a new delegation."""
    if any(member.status.is_live for member in members):
        return
    delegation = await Delegations(session).get(delegation_id)
    delegation.is_live = False
    delegation.version += 1


async def confirmed_count(session: AsyncSession, training_session: TrainingSession) -> int:
    """How many learners are certain to come."""
    return await Enrolments(session).count(training_session.id, EnrolmentStatus.CONFIRMED)


async def delegation_in_view(session: AsyncSession, id: UUID, caller: Caller) -> Delegation:
    """The delegation, for those whom it concerns; 404 for all others."""
    delegation = await Delegations(session).get(id)
    training_session = await TrainingSessions(session).get(delegation.training_session_id)
    if not concerns(delegation, training_session, caller):
        raise NotFound()
    return delegation


async def enrolment_in_view(session: AsyncSession, id: UUID, caller: Caller) -> Enrolment:
    """The enrolment, for those whom its group concerns; 404 for all others."""
    enrolment = await Enrolments(session).get(id)
    await delegation_in_view(session, enrolment.delegation_id, caller)
    return enrolment


def concerns(delegation: Delegation, training_session: TrainingSession, caller: Caller) -> bool:
    """Its own organisation, the trainers, and those who enrol or manage in the territory."""
    return (
        delegation.organisation_id == caller.organisation_id
        or caller.sub in training_session.trainers
        or (caller.has("training:enrol") and caller.covers(delegation.path))
        or (caller.has(MANAGE) and caller.covers(training_session.path))
    )
