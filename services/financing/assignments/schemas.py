"""Assignments on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.bodies import Incoming
from services.financing.assignments.states import Status

Code = Annotated[str, Field(max_length=40, pattern=r"^[A-Z][A-Z0-9_]*$")]
Sentence = Annotated[str, Field(min_length=1, max_length=2000)]


class AcknowledgementOutcome(StrEnum):
    """Whether the lender will study the file."""

    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"


class DeclineReason(StrEnum):
    """Why a lender will not study a file."""

    CONFLICT_OF_INTEREST = "CONFLICT_OF_INTEREST"
    OUT_OF_APPETITE = "OUT_OF_APPETITE"
    NO_CAPACITY = "NO_CAPACITY"


class AcknowledgementWrite(Incoming):
    """The lender has the file, and will study it unless it says otherwise."""

    outcome: AcknowledgementOutcome = AcknowledgementOutcome.ACCEPTED
    reason_code: DeclineReason | None = None


class Item(Incoming):
    """One thing to know."""

    code: Code
    text: Sentence


class InformationRequestWrite(Incoming):
    """What the lender wants to know from the cooperative."""

    items: Annotated[list[Item], Field(min_length=1, max_length=20)]


class InformationRequestRead(BaseModel):
    """A question and, once given, its answers."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    assignment_id: UUID
    items: list[dict[str, str]]
    answers: list[dict[str, str]] | None
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None


class AssignmentSummary(BaseModel):
    """An assignment in a lender's work queue."""

    id: UUID
    application_id: UUID
    reference: str
    product_code: str
    amount_requested_xof: int
    region_code: str
    round: int
    status: Status
    sent_at: datetime
    ack_due_at: datetime
    decision_due_at: datetime
    dossier_sha256: str
    version: int


class AssignmentRead(AssignmentSummary):
    """An assignment with what the lender studies: `dossier_sha256` is the SHA-256 of `dossier` in
    RFC 8785 form, and a decision carries it."""

    dossier: dict[str, Any]
    information_requests: list[InformationRequestRead]
    allowed_actions: list[str]
