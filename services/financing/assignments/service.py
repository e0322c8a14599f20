"""What a lender does with an assignment before it decides."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession, hold
from chassis.errors import Conflict
from chassis.ids import new_id
from chassis.versions import expect
from services.financing.applications.repository import Applications
from services.financing.assignments.errors import (
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentRecalled,
    InformationRequestsExhausted,
)
from services.financing.assignments.models import Assignment, InformationRequest
from services.financing.assignments.repository import Assignments
from services.financing.assignments.schemas import (
    AcknowledgementOutcome,
    AcknowledgementWrite,
    InformationRequestWrite,
)
from services.financing.assignments.states import LIFE, OPEN, Action, Status
from services.financing.offers.service import settle

MAX_PAUSE = timedelta(days=10)
MAX_QUESTIONS = 2
_CLOSED: dict[Status, type[Conflict]] = {
    Status.EXPIRED: AssignmentExpired,
    Status.RECALLED: AssignmentRecalled,
    Status.DECLINED: AssignmentDeclined,
}


async def under_lock(session: AsyncSession, assignment: Assignment) -> Assignment:
    """The assignment as it is now, alone: its application first, then itself."""
    application_id, id = assignment.application_id, assignment.id
    await hold(session, f"application/{application_id}", f"assignment/{id}")
    await Applications(session).lock(application_id)
    return await Assignments(session).lock(id)


def closed(kind: type[Conflict], assignment: Assignment) -> Conflict:
    """The refusal `kind`, with where the assignment stands."""
    return kind(
        current_status=assignment.status.value,
        allowed_actions=[],
        decision_due_at=clock.wire(assignment.decision_due_at),
        round=assignment.round,
    )


def refuse_closed(assignment: Assignment, now: datetime) -> None:
    """Refuse, by its own name, what comes after the end of an assignment."""
    kind = _CLOSED.get(assignment.status)
    if assignment.status in OPEN and assignment.is_late(now):
        kind = AssignmentExpired
    if kind is not None:
        raise closed(kind, assignment)


async def acknowledge(
    session: AsyncSession,
    assignment: Assignment,
    said: AcknowledgementWrite,
    *,
    version: int | None = None,
) -> Assignment:
    """The lender has the file; it will study it, or hands it back."""
    assignment = await under_lock(session, assignment)
    expect(version, assignment.version)
    refuse_closed(assignment, clock.now())
    declines = said.outcome is AcknowledgementOutcome.DECLINED
    action = Action.DECLINE if declines else Action.ACKNOWLEDGE
    assignment.status = LIFE.move(assignment.status, action)
    if declines:
        assignment.closed_at = clock.now()
        assignment.decline_reason = said.reason_code and said.reason_code.value
    assignment.version += 1
    if declines:
        application = await Applications(session).get(assignment.application_id)
        await settle(session, application)
    return assignment


async def ask(
    session: AsyncSession,
    assignment: Assignment,
    said: InformationRequestWrite,
    *,
    version: int | None = None,
) -> tuple[Assignment, InformationRequest]:
    """The lender asks; its clock stands still for as long as the answer may take."""
    assignment = await under_lock(session, assignment)
    expect(version, assignment.version)
    refuse_closed(assignment, clock.now())
    status = LIFE.move(assignment.status, Action.REQUEST_INFORMATION)
    if len(await Assignments(session).questions(assignment.id)) >= MAX_QUESTIONS:
        raise InformationRequestsExhausted(max=MAX_QUESTIONS)
    assignment.status = status
    assignment.decision_due_at += MAX_PAUSE
    assignment.version += 1
    now = clock.now()
    question = InformationRequest(
        id=new_id(),
        assignment_id=assignment.id,
        items=[item.model_dump() for item in said.items],
        asked_at=now,
        due_at=now + MAX_PAUSE,
    )
    session.add(question)
    return assignment, question


def close(assignment: Assignment, action: Action) -> None:
    """The assignment ends without its lender."""
    assignment.status = LIFE.move(assignment.status, action)
    assignment.closed_at = clock.now()
    assignment.version += 1


async def recall_open(session: AsyncSession, application_id: UUID) -> None:
    """Nobody needs to decide on this application any more; the application is held."""
    for assignment in await Assignments(session).open_of(application_id):
        close(assignment, Action.RECALL)
