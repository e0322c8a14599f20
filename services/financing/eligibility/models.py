"""What financing has heard of cooperatives and their training: its own reading model."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field

from chassis.db import text_enum
from services.financing.tables import Table


class KnownCooperative(Table, table=True):
    """A cooperative as the registry last told us: counts only, no person."""

    __tablename__: ClassVar[str] = "known_cooperative"

    id: UUID = Field(primary_key=True)
    registration_number: str
    organisation_id: str = Field(index=True)
    initiative_id: UUID | None
    name: str
    legal_form: str
    commune_code: str
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    sector_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    cps_tags: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    members_count: int
    women_count: int
    youth_count: int
    has_woman_president: bool | None
    organs_complete: bool
    registered_on: date
    status: str
    heard_at: datetime = Field(sa_type=DateTime(timezone=True))


class KnownTraining(Table, table=True):
    """What a delegation reached; that of an initiative counts for the cooperative it became."""

    __tablename__: ClassVar[str] = "known_training"

    delegation_id: UUID = Field(primary_key=True)
    initiative_id: UUID | None = Field(index=True)
    cooperative_id: UUID | None = Field(index=True)
    tool_code: str
    programme_code: str
    outcome: str
    decided_on: date


class CertificateStatus(StrEnum):
    """Whether a certificate may be relied upon."""

    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"


class KnownCertificate(Table, table=True):
    """A certificate of a delegation; when none of them holds any more, its training does not."""

    __tablename__: ClassVar[str] = "known_certificate"

    id: UUID = Field(primary_key=True)
    delegation_id: UUID = Field(index=True)
    status: CertificateStatus = Field(sa_type=text_enum(CertificateStatus))
    valid_until: date | None
