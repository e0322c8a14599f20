"""Proofs on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.training.certificates.states import LiveStatus
from services.training.completions.schemas import CompletionOutcome


class TrainingFacts(BaseModel):
    """What a training certificate attests; the holder is a group, no person is named."""

    certificate_id: UUID
    number: str
    holder_name: str
    programme_code: str
    programme_title: str
    tool_code: str
    outcome: CompletionOutcome
    awarded_on: date
    valid_until: datetime | None


class TrainingVerification(BaseModel):
    """The live answer to a code: what was attested, and whether it still holds."""

    code: str
    kind: Literal["TRAINING"]
    status: LiveStatus
    status_reason: str | None
    facts: TrainingFacts
    issued_at: datetime
    issuer: str
    kid: str
    credential: str
    credential_url: str
