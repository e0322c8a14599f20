"""Moving an enrolment, and knowing who may see it."""

from collections.abc import Sequence
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from services.training.enrolments.models import Enrolment
from services.training.enrolments.repository import Delegations, Enrolments
from services.training.enrolments.rules import Seats
from services.training.enrolments.states import LIFE, EnrolmentAction, EnrolmentStatus
from services.training.history.repository import History
from services.training.sessions.models import TrainingSession
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
