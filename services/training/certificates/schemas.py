"""Certificates on the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.bodies import Incoming
from chassis.fields import Id
from services.training.certificates.states import CertificateStatus
from services.training.completions.schemas import CompletionOutcome


class TrainingCertificateWrite(Incoming):
    """For which decision; `supersedes` names the certificate that this one replaces."""

    completion_decision_id: Id
    supersedes: Id | None = None


class TrainingCertificateRead(BaseModel):
    """A group's certificate. Its credential is at `/training-certificates/{id}/credential`."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str
    verification_code: str
    completion_decision_id: UUID
    delegation_id: UUID
    initiative_id: UUID | None
    cooperative_id: UUID | None
    organisation_id: str
    holder_name: str
    programme_code: str
    programme_title: str
    tool_code: str
    outcome: CompletionOutcome
    awarded_on: date
    valid_from: datetime
    valid_until: datetime | None
    status: CertificateStatus
    status_reason: str | None
    supersedes: UUID | None
    allowed_actions: list[str]
    version: int
