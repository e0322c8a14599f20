"""Assignments, and the questions that lenders ask about them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.financing.assignments.states import Status
from services.financing.tables import Table

_OPEN = text("status in ('SENT', 'ACKNOWLEDGED', 'INFO_REQUESTED')")


class Assignment(Table, table=True):
    """One application for one lender in one round. `outcome` is that of its latest decision."""

    __tablename__: ClassVar[str] = "assignment"
    __table_args__ = (
        UniqueConstraint("application_id", "lender_id", "round"),
        Index("ix_assignment_decision_due_at", "decision_due_at", postgresql_where=_OPEN),
        Index("ix_assignment_lender_id_id", "lender_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="application.id")
    lender_id: UUID = Field(foreign_key="lender.id")
    round: int
    status: Status = Field(sa_type=text_enum(Status), default=Status.SENT)
    outcome: str | None = None
    decline_reason: str | None = None
    dossier: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    dossier_sha256: str
    sent_at: datetime = Field(sa_type=DateTime(timezone=True))
    ack_due_at: datetime = Field(sa_type=DateTime(timezone=True))
    decision_due_at: datetime = Field(sa_type=DateTime(timezone=True))
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    version: int = 1

    def is_late(self, now: datetime) -> bool:
        """Whether the lender's time is over: to acknowledge, or to decide."""
        return now > (self.ack_due_at if self.status is Status.SENT else self.decision_due_at)


class InformationRequest(Table, table=True):
    """What a lender wants to know; the clock of its assignment stands still until `due_at`."""

    __tablename__: ClassVar[str] = "information_request"

    id: UUID = Field(primary_key=True)
    assignment_id: UUID = Field(foreign_key="assignment.id", index=True)
    items: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    answers: list[dict[str, str]] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True))
    )
    asked_at: datetime = Field(sa_type=DateTime(timezone=True))
    due_at: datetime = Field(sa_type=DateTime(timezone=True))
    answered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
