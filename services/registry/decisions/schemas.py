"""Decisions on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from services.registry.fields import Tag
from services.registry.filings.states import FilingStatus


class DecisionOutcome(StrEnum):
    """What a validator decides."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class DecisionWrite(Incoming):
    """A validator's decision; a rejection carries its reason."""

    outcome: DecisionOutcome
    reason_code: Tag | None = None
    reason: Annotated[str, Field(max_length=2000)] | None = None


class _Decided(BaseModel):
    id: UUID
    filing_id: UUID
    outcome: DecisionOutcome
    reason_code: str | None
    cooperative_id: UUID | None
    registration_number: str | None
    verification_code: str | None


class DecisionMade(_Decided):
    """A decision, recorded; an approval names what it brought into being. The answer is kept: no
    free text."""

    status: FilingStatus
    version: int


class DecisionRead(_Decided):
    """A decision, for the filers and the agents."""

    reason: str | None
    at: datetime
