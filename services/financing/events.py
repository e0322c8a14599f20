"""The facts that financing publishes: its promise to the others. No offer's terms, no person."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from chassis.events import Event, Outbox

# Nobody hears yet: what happens to an application concerns its cooperative and its lenders alone.
outbox = Outbox({"application": (), "financing": ()})


class ApplicationSubmitted(Event):
    """A cooperative asks for financing."""

    kind: ClassVar[str] = "financing.application.submitted"
    about: ClassVar[str] = "application"

    application_id: UUID
    cooperative_id: UUID
    product_code: str


class ApplicationTransmitted(Event):
    """Lenders study the file; which ones is theirs and the cooperative's to know."""

    kind: ClassVar[str] = "financing.application.transmitted"
    about: ClassVar[str] = "application"

    application_id: UUID
    cooperative_id: UUID
    round: int
    lenders_count: int


class OfferReceived(Event):
    """A lender offers; the terms are sealed."""

    kind: ClassVar[str] = "financing.offer.received"
    about: ClassVar[str] = "application"

    application_id: UUID
    cooperative_id: UUID
    offer_id: UUID


class OfferAccepted(Event):
    """The cooperative chose."""

    kind: ClassVar[str] = "financing.offer.accepted"
    about: ClassVar[str] = "application"

    application_id: UUID
    cooperative_id: UUID
    offer_id: UUID
    financing_id: UUID


class FinancingContracted(Event):
    """Lender and cooperative signed."""

    kind: ClassVar[str] = "financing.financing.contracted"
    about: ClassVar[str] = "financing"

    financing_id: UUID
    application_id: UUID
    cooperative_id: UUID
    lender_id: UUID
    signed_on: date


class FinancingDisbursed(Event):
    """The lender paid out; `is_fully_drawn` when nothing is left to draw."""

    kind: ClassVar[str] = "financing.financing.disbursed"
    about: ClassVar[str] = "financing"

    financing_id: UUID
    application_id: UUID
    cooperative_id: UUID
    lender_id: UUID
    amount_xof: int
    disbursed_on: date
    is_fully_drawn: bool
