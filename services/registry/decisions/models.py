"""Decisions: never changed once made."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey
from sqlmodel import Field

from chassis.db import text_enum
from services.registry.decisions.schemas import DecisionOutcome
from services.registry.tables import Table


class Decision(Table, table=True):
    """What a validator decided: once for each filing, whoever asks at the same time."""

    __tablename__: ClassVar[str] = "decision"
    __table_args__ = (
        CheckConstraint("outcome <> 'REJECTED' or reason is not null", name="reasoned"),
    )

    id: UUID = Field(primary_key=True)
    filing_id: UUID = Field(sa_column=Column(ForeignKey("filing.id"), nullable=False, unique=True))
    outcome: DecisionOutcome = Field(sa_type=text_enum(DecisionOutcome))
    reason_code: str | None = None
    reason: str | None = None
    law_ref: str | None = None
    appeal_days: int | None = None  # what the person was told, if a period was in force
    by_sub: str
    at: datetime = Field(sa_type=DateTime(timezone=True))
