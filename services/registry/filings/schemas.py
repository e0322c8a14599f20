"""Filings on the wire. A draft may be partial: what is missing is named at submission."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.answers import Described
from chassis.bodies import Incoming
from chassis.fields import Day, Id, between
from services.registry.filings.states import FilingStatus

Text = Annotated[str, Field(max_length=500)]
Short = Annotated[str, Field(max_length=200)]
Code = Annotated[str, Field(max_length=40)]
Tag = Annotated[str, Field(max_length=40, pattern=r"^[A-Z][A-Z0-9_]*$")]
Ref = Annotated[str, Field(min_length=1, max_length=64)]
Amount = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]
Legal = Annotated[Day, between(date(1900, 1, 1), date(2200, 1, 1))]


class LegalForm(StrEnum):
    """Forms of AUSCOOP, and the association that a CPS may still be (AER)."""

    SCOOPS = "SCOOPS"
    COOP_CA = "COOP_CA"
    UNION = "UNION"
    FEDERATION = "FEDERATION"
    CONFEDERATION = "CONFEDERATION"
    AER = "AER"


class Sex(StrEnum):
    """As declared; never derived from a number."""

    F = "F"
    M = "M"
    NOT_STATED = "NOT_STATED"


class Organ(StrEnum):
    """Who manages, who supervises."""

    MANAGING = "MANAGING"
    SUPERVISORY = "SUPERVISORY"


class Seat(Incoming):
    """Where the cooperative has its seat."""

    commune_code: Code


class MemberWrite(Incoming):
    """A founding member. `id` is made by the client, so that work can go on offline."""

    id: Ref
    family_name: Short | None = None
    given_names: Short | None = None
    sex: Sex | None = None
    birth_date: Legal | None = None
    birth_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    nin: Annotated[str, Field(max_length=32)] | None = None
    phone: Annotated[str, Field(max_length=32)] | None = None
    shares: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class OfficerWrite(Incoming):
    """A mandate held by a member."""

    member_id: Ref
    organ: Organ | None = None
    function: Tag | None = None
    from_on: Legal | None = None
    to_on: Legal | None = None


class DocumentRef(Incoming):
    """A piece of the dossier."""

    code: Tag
    document_id: Ref


class Registration(Incoming):
    """What a REGISTRATION declares."""

    legal_form: LegalForm | None = None
    name: Short | None = None
    object: Text | None = None
    common_bond: Text | None = None
    seat: Seat | None = None
    sector_codes: Annotated[list[Code], Field(max_length=20)] | None = None
    cps_tags: Annotated[list[Tag], Field(max_length=10)] | None = None
    assembly_on: Legal | None = None
    share_value_xof: Amount | None = None
    capital_xof: Amount | None = None
    members: Annotated[list[MemberWrite], Field(max_length=5000)] | None = None
    officers: Annotated[list[OfficerWrite], Field(max_length=100)] | None = None
    documents: Annotated[list[DocumentRef], Field(max_length=50)] | None = None


class CompleteMember(MemberWrite):
    """A member with everything that a registration needs."""

    family_name: Short
    given_names: Short
    sex: Sex


class CompleteOfficer(OfficerWrite):
    """A mandate with everything that a registration needs."""

    organ: Organ
    function: Tag
    from_on: Legal


class CompleteRegistration(Registration):
    """A declaration that passed every rule: what may be entered in the register."""

    legal_form: LegalForm
    name: Short
    object: Text
    common_bond: Text
    seat: Seat
    sector_codes: list[Code]
    assembly_on: Legal
    members: list[CompleteMember]  # type: ignore[assignment]  # narrowed on purpose
    officers: list[CompleteOfficer]  # type: ignore[assignment]  # narrowed on purpose


class FilingWrite(Incoming):
    """A new draft. `organisation_id` (default: the initiative's, or yours) will own the
    cooperative; `cooperative_id` is for filings about one that exists."""

    type: Literal["REGISTRATION"]
    organisation_id: Ref | None = None
    cooperative_id: Id | None = None
    initiative_id: Id | None = None
    effective_on: Legal | None = None
    payload: Registration = Registration()


class FilingPatch(Incoming):
    """What may be changed in a draft."""

    effective_on: Legal | None = None
    payload: Registration = Registration()


class SubmissionWrite(Incoming):
    """Nothing to say: the draft speaks."""


class WithdrawalWrite(Incoming):
    """Why the filing is taken back, if the filer wishes to say."""

    reason: Annotated[str, Field(max_length=2000)] | None = None


class FilingRead(BaseModel):
    """A filing. Its payload is whole for its filers; agents see names and no numbers; answers to
    writes, which are kept, name nobody."""

    id: UUID
    type: str
    status: FilingStatus
    organisation_id: str
    initiative_id: UUID | None
    cooperative_id: UUID | None
    effective_on: date | None
    authority_code: str | None
    arrival_number: str | None
    submitted_at: datetime | None
    created_at: datetime
    withdrawal_reason: str | None = None
    payload: dict[str, Any]
    allowed_actions: list[str]
    warnings: list[Described] = []
    version: int


class FilingSummary(BaseModel):
    """A filing in a list."""

    id: UUID
    type: str
    status: FilingStatus
    organisation_id: str
    name: str | None
    authority_code: str | None
    arrival_number: str | None
    submitted_at: datetime | None
    created_at: datetime
    version: int


class Verdict(BaseModel):
    """What a dry run found; nothing was stored."""

    is_valid: bool
    findings: list[Described]
