"""Filings on the wire. A draft may be partial: what is missing is named at submission."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.answers import Described
from chassis.bodies import Incoming
from chassis.fields import Id
from chassis.unions import AnyOf, ShownAs, TiedTo
from services.registry.fields import FilingType, Legal, Prose, Ref
from services.registry.filings.states import FilingStatus
from services.registry.formalities import FORMALITIES
from services.registry.persons.service import SEALED
from services.registry.remarks.schemas import AnswerWrite

_SHAPES = {type: formality.payload for type, formality in FORMALITIES.items()}


class FilingWrite(Incoming):
    """A new draft; `type` decides what the payload declares. `cooperative_id` names the cooperative
    that the filing is about, and only a REGISTRATION has none yet; its `organisation_id` (default:
    the initiative's, or yours) will own the cooperative. `former_filing_id` names the rejected
    filing that this one takes up again."""

    type: FilingType
    organisation_id: Ref | None = None
    cooperative_id: Id | None = None
    initiative_id: Id | None = None
    former_filing_id: Id | None = None
    effective_on: Legal | None = None
    payload: Annotated[dict[str, Any], TiedTo("type", _SHAPES)] = Field(default_factory=dict)


class FilingPatch(Incoming):
    """What may be changed in a draft. The type of a filing never changes, and decides what its
    payload declares: which one is meant stands in the filing and not in the patch."""

    effective_on: Legal | None = None
    payload: Annotated[dict[str, Any], AnyOf(*_SHAPES.values())] = Field(default_factory=dict)


class FilingSubmissionWrite(Incoming):
    """Nothing to say: the draft speaks. A file that came back also answers each remark of the last
    review, by a change at its place or here."""

    answers: Annotated[tuple[AnswerWrite, ...], Field(max_length=200)] = ()


class WithdrawalWrite(Incoming):
    """Why the filing is taken back, if the filer wishes to say."""

    reason: Annotated[str, Field(max_length=2000), Prose] | None = None


class Covered(BaseModel):
    """What stands in the place of a personal field: it is there and not yours to read
    (`is_masked`), or it was erased (`is_erased`)."""

    is_masked: Literal[True] | None = None
    is_erased: Literal[True] | None = None


class FilingRead(BaseModel):
    """A filing. Its payload is whole for its filers; agents see names and no numbers; answers to
    writes, which are kept, name nobody. `former_filing_id` is the rejected filing that it takes up
    again; `taken_up_by` are those that take up this one, as far as you may see them."""

    id: UUID
    type: FilingType
    status: FilingStatus
    organisation_id: str
    initiative_id: UUID | None
    cooperative_id: UUID | None
    effective_on: date | None
    authority_code: str | None
    arrival_number: str | None
    submitted_at: datetime | None
    created_at: datetime
    origin: str | None = None
    former_filing_id: UUID | None = None
    taken_up_by: list[UUID] = []
    withdrawal_reason: str | None = None
    payload: Annotated[dict[str, Any], ShownAs("type", _SHAPES, SEALED, Covered)]
    allowed_actions: list[str]
    warnings: list[Described] = []
    version: int


class FilingSummary(BaseModel):
    """A filing in a list; `name` is that which a registration or a change of name declares."""

    id: UUID
    type: FilingType
    status: FilingStatus
    organisation_id: str
    cooperative_id: UUID | None
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
