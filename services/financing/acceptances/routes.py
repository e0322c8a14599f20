"""Acceptances: a cooperative chooses."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import (
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    ValidationFailed,
)
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.versions import IfMatch
from services.financing.acceptances import service
from services.financing.acceptances.schemas import AcceptanceRead, AcceptanceWrite
from services.financing.applications.states import Status as ApplicationStatus
from services.financing.eligibility.errors import (
    CooperativeNotActive,
    EligibilityStale,
    OrgansIncomplete,
    TrainingRequired,
)
from services.financing.errors import OwnerRequired
from services.financing.offers.errors import OfferNotLive
from services.financing.offers.models import Offer
from services.financing.offers.routes import OwnOffer
from services.financing.offers.states import Status as OfferStatus
from services.financing.scopes import Applicant

router = APIRouter(prefix="/v1", tags=["offers"])


async def _binding(by: Applicant, offer: OwnOffer) -> Offer:
    """An offer that the caller may accept: whoever was only lent a look is told who may."""
    if offer.organisation_id != by.organisation_id:
        raise OwnerRequired()
    return offer


@router.post(
    "/offers/{id}/acceptances",
    status_code=201,
    response_model=AcceptanceRead,
    responses=problems(
        *(NotFound, PreconditionRequired, PreconditionFailed, OfferNotLive, ValidationFailed),
        *(CooperativeNotActive, OrgansIncomplete, TrainingRequired, EligibilityStale),
        OwnerRequired,
    ),
)
async def accept_offer(
    session: Session,
    by: Applicant,
    offer: Annotated[Offer, Depends(_binding)],
    act: Act,
    said: Annotated[AcceptanceWrite, Json(AcceptanceWrite)],
    version: IfMatch,
) -> Response:
    """Accept a live offer: the others lapse, other lenders are no longer asked."""
    acceptance, financing = await service.accept(session, offer, said, by=by, version=version)
    read = AcceptanceRead(
        acceptance_id=acceptance.id,
        offer_status=OfferStatus.ACCEPTED,
        application_status=ApplicationStatus.ACCEPTED,
        financing_status=financing.status,
        contract_due_at=financing.contract_due_at,
        **acceptance.model_dump(exclude={"id", "accepted_by"}),
    )
    headers = {"Location": f"/v1/financings/{financing.id}"}
    return await act.answer(201, read, headers=headers)
