"""Acceptances on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from services.financing.applications.schemas import Code
from services.financing.applications.states import Status as ApplicationStatus
from services.financing.financings.states import Status as FinancingStatus
from services.financing.offers.states import Status as OfferStatus


class AcceptanceWrite(Incoming):
    """Who signs for the cooperative, by function; by default everybody whom the assembly named."""

    signatories: Annotated[list[Code], Field(min_length=1, max_length=20)] | None = None


class AcceptanceRead(BaseModel):
    """An acceptance, recorded; the lender is awaited with the contract until `contract_due_at`."""

    acceptance_id: UUID
    offer_id: UUID
    offer_status: OfferStatus
    application_id: UUID
    application_status: ApplicationStatus
    financing_id: UUID
    financing_status: FinancingStatus
    signatories: list[str]
    evidence_sha256: str
    accepted_at: datetime
    contract_due_at: datetime
