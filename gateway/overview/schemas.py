"""A cooperative at one glance: what of each service's answer stands here. What a service adds to
its own answers stays there until it is named here; nothing here names a natural person."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.pages import Page


class PartStatus(StrEnum):
    """How asking one service ended."""

    OK = "OK"
    FORBIDDEN = "FORBIDDEN"
    UNAVAILABLE = "UNAVAILABLE"


Count = Annotated[int, Field(ge=0)]


class RecordCard(BaseModel):
    """What the register says; the whole record is at `/cooperatives/{id}`."""

    id: UUID
    registration_number: str
    name: str
    legal_form: str
    life: str
    legal_registration: str
    cps_status: str
    ess_status: str
    commune_code: str | None
    region_code: str | None
    sector_codes: list[str]
    cps_tags: list[str]
    members_count: Count | None
    women_count: Count | None
    registered_on: date
    revision: Count


class DelegationCard(BaseModel):
    """A group of the cooperative in a training session, and how many places it holds."""

    id: UUID
    training_session_id: UUID
    members_count: Count
    seats_held: Count
    waitlisted_count: Count
    created_at: datetime


class SessionCard(BaseModel):
    """A training session in which the cooperative has a group."""

    id: UUID
    programme_code: str
    commune_code: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None


class CertificateCard(BaseModel):
    """A certificate of what the cooperative learned."""

    id: UUID
    number: str
    programme_code: str
    programme_title: str
    outcome: str
    awarded_on: date
    valid_until: datetime | None
    status: str


class ApplicationCard(BaseModel):
    """An application for financing."""

    id: UUID
    reference: str
    status: str
    product_code: str
    amount_requested_xof: Count
    term_months: Count
    submitted_at: datetime | None


class FinancingCard(BaseModel):
    """A loan that came about, and what was paid of it."""

    id: UUID
    application_id: UUID
    lender_id: UUID
    product_code: str
    status: str
    approved_xof: Count
    disbursed_xof: Count
    due_xof: Count
    paid_xof: Count


class TrainingGlance(BaseModel):
    """The first of each list, as its own address shows them; null: your scopes do not open it."""

    delegations: Page[DelegationCard] | None
    sessions: Page[SessionCard] | None
    certificates: Page[CertificateCard] | None


class FinancingGlance(BaseModel):
    """The first of each list, as its own address shows them; null: your scopes do not open it."""

    applications: Page[ApplicationCard] | None
    financings: Page[FinancingCard] | None


class RegistryPart(BaseModel):
    """The registry's part; `data` is null unless `status` is `OK`."""

    status: PartStatus
    data: RecordCard | None


class TrainingPart(BaseModel):
    """Training's part; `data` is null unless `status` is `OK`."""

    status: PartStatus
    data: TrainingGlance | None


class FinancingPart(BaseModel):
    """Financing's part; `data` is null unless `status` is `OK`."""

    status: PartStatus
    data: FinancingGlance | None


class Overview(BaseModel):
    """A cooperative as its three services see it. `is_partial`: a part is `UNAVAILABLE`, ask again
    later; what is `FORBIDDEN` stays so."""

    cooperative_id: UUID
    is_partial: bool
    registry: RegistryPart
    training: TrainingPart
    financing: FinancingPart
