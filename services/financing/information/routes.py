"""What lenders ask about an application, and what the cooperative answers."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import NotFound, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from services.financing.applications.routes import OwnApplication
from services.financing.assignments.errors import InformationRequestClosed
from services.financing.assignments.schemas import InformationRequestRead
from services.financing.information import service
from services.financing.information.repository import InformationRequests
from services.financing.information.schemas import InformationAnswerWrite
from services.financing.scopes import Applicant

router = APIRouter(prefix="/v1", tags=["applications"])


class Questions(BaseModel):
    """Everything that lenders asked, oldest first; an assignment has at most two questions."""

    items: list[InformationRequestRead]


@router.get("/financing-applications/{id}/information-requests", responses=problems(NotFound))
async def list_information_requests(
    session: Session, _: Applicant, application: OwnApplication
) -> Questions:
    """What lenders want to know about your application."""
    found = await InformationRequests(session).about(application.id)
    return Questions(items=[InformationRequestRead.model_validate(row) for row in found])


@router.post(
    "/financing-applications/{id}/information-answers",
    status_code=201,
    response_model=InformationRequestRead,
    responses=problems(NotFound, InformationRequestClosed, ValidationFailed),
)
async def answer_information_request(
    session: Session,
    by: Applicant,
    application: OwnApplication,
    act: Act,
    said: Annotated[InformationAnswerWrite, Json(InformationAnswerWrite)],
) -> Response:
    """Answer a lender's question; the dossier of that lender changes with it."""
    changed, question = await service.answer(session, application.id, said, by=by)
    headers = {"Location": f"/v1/financing-applications/{changed.id}/information-requests"}
    return await act.answer(201, InformationRequestRead.model_validate(question), headers=headers)
