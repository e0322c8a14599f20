"""Decisions on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from services.registry.fields import Plain, Prose, Tag
from services.registry.filings.states import FilingStatus


class DecisionOutcome(StrEnum):
    """What a validator decides."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class DecisionWrite(Incoming):
    """A validator's decision; a rejection carries a code of the list `rejection-reasons`, its
    reason in words, and the legal basis where the code asks for one."""

    outcome: DecisionOutcome
    reason_code: Tag | None = None
    reason: Annotated[str, Field(max_length=2000), Prose] | None = None
    law_ref: Annotated[str, Field(min_length=3, max_length=200), Plain] | None = None


class AppealText(BaseModel):
    """A text in the two languages of the contract."""

    fr: str
    en: str


class Appeal(BaseModel):
    """How a rejection may be contested. `period_days` is null: no confirmed text sets a period;
    `confidence` says how sure the basis is (M: from memory)."""

    text: AppealText
    period_days: int | None
    basis: str
    confidence: str


class _Decided(BaseModel):
    id: UUID
    filing_id: UUID
    outcome: DecisionOutcome
    reason_code: str | None
    cooperative_id: UUID | None
    registration_number: str | None
    verification_code: str | None
    law_ref: str | None = None
    appeal: Appeal | None = None


class DecisionMade(_Decided):
    """A decision, recorded; an approval names what it brought into being. The answer is kept: no
    free text."""

    status: FilingStatus
    version: int


class DecisionRead(_Decided):
    """A decision, for the filers and the agents."""

    reason: str | None
    at: datetime
