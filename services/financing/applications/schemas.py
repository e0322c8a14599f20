"""Applications on the wire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.financing.applications.states import Status
from services.financing.rates.schemas import MAX_XOF, Day, Xof

Code = Annotated[str, Field(max_length=40, pattern=r"^[A-Z][A-Z0-9_]*$")]
Purpose = Annotated[str, Field(min_length=3, max_length=300)]
Months = Annotated[int, Field(ge=1, le=600)]
Grace = Annotated[int, Field(ge=0, le=600)]
Sector = Annotated[str, Field(min_length=1, max_length=20)]
Contribution = Annotated[int, Field(ge=0, le=MAX_XOF)]
Reference = Annotated[str, Field(min_length=1, max_length=64)]
Sentence = Annotated[str, Field(min_length=1, max_length=2000)]
Functions = Annotated[list[Code], Field(max_length=20)]


class Campaign(Incoming):
    """The season that the credit is for."""

    start_on: Day
    end_on: Day
    harvest_on: Day


class AgResolution(Incoming):
    """What the general assembly allowed. `signatories` are the *functions* of the officers who may
    sign, such as PRESIDENT and TREASURER: the register says who holds them."""

    held_on: Day
    max_amount_xof: Xof
    max_term_months: Months
    signatories: Functions


class Consents(Incoming):
    """What the cooperative agrees to: the credit bureau (law 2014-02), sharing with lenders, and
    another round of lenders if the first ones refuse."""

    bic: bool = False
    data_sharing: bool = False
    reassignment: bool = False


class CampaignEdit(Incoming):
    """What changes in the season."""

    start_on: Day | None = None
    end_on: Day | None = None
    harvest_on: Day | None = None


class AgResolutionEdit(Incoming):
    """What changes in the resolution."""

    held_on: Day | None = None
    max_amount_xof: Xof | None = None
    max_term_months: Months | None = None
    signatories: Functions | None = None


class ConsentsEdit(Incoming):
    """What changes in the consents."""

    bic: bool | None = None
    data_sharing: bool | None = None
    reassignment: bool | None = None


class ApplicationEdit(Incoming):
    """What an applicant may still change, as JSON merge patch (RFC 7396)."""

    purpose: Purpose | None = None
    amount_requested_xof: Xof | None = None
    term_months: Months | None = None
    grace_months: Grace | None = None
    sector_code: Sector | None = None
    expected_start_on: Day | None = None
    campaign: CampaignEdit | None = None
    own_contribution_xof: Contribution | None = None
    ag_resolution: AgResolutionEdit | None = None
    consents: ConsentsEdit | None = None
    external_ref: Reference | None = None


class Wish(Incoming):
    """What the cooperative asks for."""

    purpose: Purpose
    amount_requested_xof: Xof
    term_months: Months
    grace_months: Grace = 0
    sector_code: Sector | None = None
    expected_start_on: Day | None = None
    campaign: Campaign | None = None
    own_contribution_xof: Contribution | None = None
    ag_resolution: AgResolution | None = None
    consents: Consents = Consents()
    external_ref: Reference | None = None


class ApplicationWrite(Wish):
    """A new draft; what a submission needs beyond these fields may come later."""

    cooperative_id: Id
    product_code: Code


class SubmissionWrite(Incoming):
    """Nothing to say: the draft speaks."""


class ReviewOutcome(StrEnum):
    """What an officer finds."""

    COMPLETE = "COMPLETE"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"


class Remark(Incoming):
    """What to change, and where."""

    pointer: Annotated[str, Field(max_length=200, pattern=r"^(/[^\x00-\x1f]*)?$")] = ""
    message: Sentence


class ReviewWrite(Incoming):
    """An officer's finding; changes cannot be asked for without saying which."""

    outcome: ReviewOutcome
    remarks: Annotated[list[Remark], Field(default_factory=list, max_length=100)]


class EligibilityOutcome(StrEnum):
    """What a second officer decides."""

    ELIGIBLE = "ELIGIBLE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"


class EligibilityDecisionWrite(Incoming):
    """A second officer's decision; a negative one carries its reasons."""

    outcome: EligibilityOutcome
    reasons: Annotated[list[Sentence], Field(default_factory=list, max_length=20)]


class AppealWrite(Incoming):
    """Why the decision should be looked at again."""

    reason: Sentence


class ApplicationSummary(BaseModel):
    """An application in a list."""

    id: UUID
    reference: str
    status: Status
    cooperative_id: UUID
    product_code: str
    purpose: str
    amount_requested_xof: int
    term_months: int
    round: int
    submitted_at: datetime | None
    created_at: datetime
    version: int


class ApplicationRead(ApplicationSummary):
    """An application; `dossier_sha256` is the SHA-256 of the dossier in RFC 8785 form."""

    grace_months: int
    sector_code: str | None
    expected_start_on: date | None
    campaign: Campaign | None
    own_contribution_xof: int | None
    ag_resolution: AgResolution | None
    consents: Consents
    external_ref: str | None
    corrections_due_at: datetime | None
    dossier_sha256: str | None
    allowed_actions: list[str]


class ActRead(BaseModel):
    """A step of an application."""

    kind: str
    at: datetime
    said: dict[str, Any]


class Refusal(BaseModel):
    """Why a lender refused. The OQSF mediates free of charge (décret 2009-95)."""

    lender_id: UUID
    reason_codes: list[str]
    reason_text: str | None
    received_at: datetime


class ApplicationDetail(ApplicationRead):
    """An application with all that was done with it, oldest first, and why lenders refused it."""

    history: list[ActRead]
    refusals: list[Refusal]
