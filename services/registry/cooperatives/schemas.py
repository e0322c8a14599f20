"""Cooperatives on the wire: the public view, and the members for those who may see them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.registry.cooperatives.states import CpsStatus, EssStatus, LegalRegistration, Life
from services.registry.fields import LegalForm, Organ, Sex
from services.registry.history.schemas import Representative
from services.registry.persons.schemas import Revealed


class CooperativeSummary(BaseModel):
    """A cooperative in a list: no natural person."""

    id: UUID
    registration_number: str
    name: str
    legal_form: LegalForm
    life: Life
    legal_registration: LegalRegistration
    cps_status: CpsStatus
    commune_code: str | None
    region_code: str | None
    sector_codes: list[str]
    cps_tags: list[str]
    members_count: int | None
    women_count: int | None
    registered_on: date
    version: int


class PublicOfficer(BaseModel):
    """Who holds a mandate: name and function, published by law (AUSCOOP art. 70)."""

    mandate_id: UUID | None = None
    family_name: str
    given_names: str
    organ: Organ
    function: str
    from_on: date
    to_on: date | None
    representative: Representative | None = None


class ExternalIdentifier(BaseModel):
    """A number that somebody else gave, as it was stated; this register did not check it."""

    scheme: Literal["NINEA", "RCCM", "ASSOCIATION_RECEIPT", "ESS_AGREEMENT", "RSC"]
    number: str
    authority: str | None
    issued_on: date | None
    proof: str | None


class CooperativeRead(BaseModel):
    """What the register says about a cooperative: true on `as_of`, as known since `known_at`; who
    asks again with both reads the same, whatever was approved meanwhile. Null is what nobody
    stated; a record that came with a list (`origin`) may lack much. Its counts are the list's,
    until more members are named than it counted; where it stated no total, they are null until a
    filing says that all members are named (`is_whole`)."""

    id: UUID
    registration_number: str
    name: str
    legal_form: LegalForm
    life: Life
    legal_registration: LegalRegistration
    cps_status: CpsStatus
    ess_status: EssStatus
    commune_code: str | None
    region_code: str | None
    authority_code: str
    object: str | None
    common_bond: str | None
    sector_codes: list[str]
    cps_tags: list[str]
    share_value_xof: int | None
    capital_xof: int | None
    members_count: int | None
    women_count: int | None
    men_count: int | None
    sex_not_stated_count: int | None
    registered_on: date
    rsc: dict[str, Any] | None = None
    ess_agreement: dict[str, Any] | None = None
    liquidation: dict[str, Any] | None = None
    last_return: dict[str, Any] | None = None
    bylaws: dict[str, Any] | None = None
    acronym: str | None = None
    founded_on: Annotated[
        str | None, Field(description="a day, a month or a year, as it was stated")
    ] = None
    stated_form: Annotated[str | None, Field(description="what an imported list called it")] = None
    identifiers: list[ExternalIdentifier] | None = None
    origin: str | None = None
    affiliates: list[dict[str, Any]] | None = None
    succession: dict[str, Any] | None = None
    struck_off: dict[str, Any] | None = None
    court_order: dict[str, Any] | None = None
    provisional_administration: Annotated[
        dict[str, Any] | None,
        Field(description="the order of a court under which it stands, until a court ends it"),
    ] = None
    cps_recognition: Annotated[
        dict[str, Any] | None,
        Field(description="`decided_on` and `reference` of the last recognition, as stated"),
    ] = None
    officers: list[PublicOfficer]
    as_of: date
    known_at: datetime
    revision: int


class Masked(BaseModel):
    """A personal field that is recorded but not shown to this caller."""

    is_masked: Literal[True] = True


class MemberRead(BaseModel):
    """A member, for the cooperative itself and the agents of its territory. Numbers stay sealed:
    `revealed` has them for agents who sent `Purpose-Of-Use`, `nin_last3` the end of one."""

    id: UUID
    family_name: str
    given_names: str
    sex: Sex
    birth_year: int | None
    nin: Masked | None
    phone: Masked | None
    nin_last3: str | None = None
    revealed: Revealed | None = None
    shares: int
    admitted_on: date
    left_on: date | None
