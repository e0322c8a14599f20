"""Filings as they are kept."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import SEALED
from services.registry.filings.states import FilingStatus
from services.registry.tables import Table


class Filing(Table, table=True):
    """A typed act: the only way to change the register. Personal fields in `payload` are sealed."""

    __tablename__: ClassVar[str] = "filing"
    __table_args__ = (
        # Once submitted a filing has its place in the arrival register (AUSCOOP art. 71).
        CheckConstraint(
            "status in ('DRAFT', 'WITHDRAWN') or arrival_number is not null", name="arrival"
        ),
        CheckConstraint(
            "status != 'APPROVED' or cooperative_id is not null", name="approved_cooperative"
        ),
        Index("ix_filing_path", "path", postgresql_using="gin"),
        Index("ix_filing_cooperative_id", "cooperative_id"),
    )

    id: UUID = Field(primary_key=True)
    type: str
    status: FilingStatus = Field(sa_type=text_enum(FilingStatus), default=FilingStatus.DRAFT)
    organisation_id: str = Field(index=True)
    initiative_id: UUID | None = Field(default=None, foreign_key="initiative.id")
    cooperative_id: UUID | None = None
    # the rejected filing that this one takes up again
    former_filing_id: UUID | None = Field(default=None, foreign_key="filing.id", index=True)
    effective_on: date | None = None
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, **SEALED))
    path: list[str] = Field(default=[], sa_column=Column(ARRAY(Text), nullable=False))
    authority_code: str | None = None
    arrival_number: str | None = Field(default=None, unique=True)
    origin: str | None = None  # LEGACY_IMPORT: a row of an existing list
    created_by: str
    # everyone who drafted, changed or submitted it: none of them reviews or decides it
    filers: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    submitted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    withdrawal_reason: str | None = None
    version: int = 1
