"""Transmissions: an eligible application goes to lenders."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.versions import IfMatchIfSent, etag
from services.financing.applications.routes import ApplicationAtWork
from services.financing.scopes import Reviewer
from services.financing.transmissions import service
from services.financing.transmissions.errors import RoundsExhausted
from services.financing.transmissions.schemas import Sent, TransmissionRead, TransmissionWrite

router = APIRouter(prefix="/v1", tags=["applications"])


@router.post(
    "/financing-applications/{id}/transmissions",
    status_code=201,
    response_model=TransmissionRead,
    responses=problems(NotFound, IllegalTransition, RoundsExhausted, ValidationFailed),
)
async def transmit_application(
    session: Session,
    by: Reviewer,
    application: ApplicationAtWork,
    act: Act,
    wish: Annotated[TransmissionWrite, Json(TransmissionWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Send an eligible application to lenders, or to others when nobody took it."""
    changed, sent = await service.transmit(
        session, application.id, wish.lender_ids, by=by, version=version
    )
    read = TransmissionRead(
        application_id=changed.id,
        status=changed.status,
        round=changed.round,
        assignments=[Sent(assignment_id=row.id, **row.model_dump()) for row in sent],
        version=changed.version,
    )
    headers = {
        "Location": f"/v1/financing-applications/{changed.id}",
        "ETag": etag(changed.version),
    }
    return await act.answer(201, read, headers=headers)
