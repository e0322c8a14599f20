"""Withdrawals: a cooperative takes its application back."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.versions import IfMatchIfSent
from services.financing.applications.routes import OwnApplication, answer
from services.financing.applications.schemas import ApplicationRead
from services.financing.errors import OwnerRequired
from services.financing.scopes import Applicant
from services.financing.withdrawals import service
from services.financing.withdrawals.schemas import WithdrawalWrite

router = APIRouter(prefix="/v1", tags=["applications"])


@router.post(
    "/financing-applications/{id}/withdrawals",
    status_code=201,
    response_model=ApplicationRead,
    responses=problems(NotFound, IllegalTransition, OwnerRequired, ValidationFailed),
)
async def withdraw_application(
    session: Session,
    by: Applicant,
    application: OwnApplication,
    act: Act,
    said: Annotated[WithdrawalWrite, Json(WithdrawalWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Take your application back, until a contract is signed; once an offer was accepted, only the
    cooperative's own organisation may."""
    return await answer(
        act, await service.withdraw(session, application.id, said, by=by, version=version)
    )
