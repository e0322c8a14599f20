"""Certificates of groups, as issued: the credential is frozen, only its standing changes."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, text
from sqlmodel import Field

from chassis.db import text_enum
from services.training.certificates.states import LIFE, CertificateStatus
from services.training.completions.schemas import CompletionOutcome
from services.training.tables import Table


class ReasonCode(StrEnum):
    """Why a certificate is revoked."""

    FRAUD = "FRAUD"
    IDENTITY_ERROR = "IDENTITY_ERROR"
    ISSUED_IN_ERROR = "ISSUED_IN_ERROR"
    SUPERSEDED = "SUPERSEDED"
    ACCREDITATION_WITHDRAWN = "ACCREDITATION_WITHDRAWN"


class TrainingCertificate(Table, table=True):
    """A group's certificate. Everything but `status` and `status_reason` is as on its first day."""

    __tablename__: ClassVar[str] = "training_certificate"
    __table_args__ = (
        # One standing certificate for a decision (rule 27).
        Index(
            "uq_training_certificate_standing",
            "completion_decision_id",
            unique=True,
            postgresql_where=text("status in ('ELIGIBLE', 'APPROVED', 'ISSUED', 'SUSPENDED')"),
        ),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    verification_code: str = Field(unique=True)
    completion_decision_id: UUID = Field(foreign_key="completion_decision.id")
    delegation_id: UUID = Field(foreign_key="delegation.id", index=True)
    initiative_id: UUID | None = None
    cooperative_id: UUID | None = None
    organisation_id: str = Field(index=True)
    holder_name: str
    programme_code: str
    programme_title: str
    tool_code: str
    outcome: CompletionOutcome = Field(sa_type=text_enum(CompletionOutcome))
    awarded_on: date
    valid_from: datetime = Field(sa_type=DateTime(timezone=True))
    valid_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    status: CertificateStatus = Field(sa_type=text_enum(CertificateStatus))
    status_reason: str | None = None
    supersedes: UUID | None = Field(default=None, foreign_key="training_certificate.id")
    issued_by: str
    version: int = 1

    @property
    def allowed_actions(self) -> list[str]:
        """What its life allows now."""
        return [action.value for action in LIFE.allowed(self.status)]


class CertificateCredential(Table, table=True):
    """The Open Badges 3.0 credential of a certificate, as signed; append-only."""

    __tablename__: ClassVar[str] = "certificate_credential"

    certificate_id: UUID = Field(
        sa_column=Column(ForeignKey("training_certificate.id"), primary_key=True)
    )
    jwt: str
    sha256: str
    issuer: str
    kid: str


class Revocation(Table, table=True):
    """One person proposes, another approves; append-only but for the approval."""

    __tablename__: ClassVar[str] = "certificate_revocation"

    id: UUID = Field(primary_key=True)
    certificate_id: UUID = Field(foreign_key="training_certificate.id", index=True)
    reason_code: ReasonCode = Field(sa_type=text_enum(ReasonCode))
    note: str
    proposed_by: str
    proposed_at: datetime = Field(sa_type=DateTime(timezone=True))
    approved_by: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
