"""The cooperative answers a lender: the dossier of that lender, and its hash, change with it."""

from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, NotFound, ValidationFailed
from services.financing.applications.dossiers import digest
from services.financing.applications.models import ActKind, Application
from services.financing.applications.repository import Applications
from services.financing.applications.service import act
from services.financing.assignments.errors import InformationRequestClosed
from services.financing.assignments.models import Assignment, InformationRequest
from services.financing.assignments.repository import Assignments
from services.financing.assignments.states import LIFE, Action, Status
from services.financing.information.repository import InformationRequests
from services.financing.information.schemas import InformationAnswerWrite


async def answer(
    session: AsyncSession, application_id: UUID, said: InformationAnswerWrite, *, by: Caller
) -> tuple[Application, InformationRequest]:
    """Answer every item of an open question; the lender's clock goes on."""
    question = await InformationRequests(session).get(said.information_request_id)
    await hold(session, f"application/{application_id}", f"assignment/{question.assignment_id}")
    application = await Applications(session).lock(application_id)
    assignment = await Assignments(session).lock(question.assignment_id)
    if assignment.application_id != application_id:
        raise NotFound()
    await session.refresh(question)
    if question.answered_at is not None or assignment.status is not Status.INFO_REQUESTED:
        raise InformationRequestClosed(current_status=assignment.status.value)
    _match(question, said)
    question.answers = [item.model_dump() for item in said.answers]
    question.answered_at = clock.now()
    _go_on(assignment, question)
    by_sub, asked = by.sub, str(question.id)
    act(session, application, ActKind.INFORMATION_ANSWER, by=by_sub, information_request_id=asked)
    return application, question


def _match(question: InformationRequest, said: InformationAnswerWrite) -> None:
    asked = sorted(item["code"] for item in question.items)
    if sorted(item.code for item in said.answers) != asked:
        raise ValidationFailed(findings=[Finding(code="ITEM_UNKNOWN", pointer="/answers")])


def _go_on(assignment: Assignment, question: InformationRequest) -> None:
    assignment.status = LIFE.move(assignment.status, Action.ANSWER_INFORMATION)
    unused = question.due_at - clock.now()
    assignment.decision_due_at -= unused
    added: dict[str, Any] = {"items": question.items, "answers": question.answers}
    assignment.dossier = {
        **assignment.dossier,
        "information": [*assignment.dossier["information"], added],
    }
    assignment.dossier_sha256 = digest(assignment.dossier)
    assignment.version += 1
