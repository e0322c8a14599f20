"""A training session: one cohort, one place, dated slots."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, Text
from sqlmodel import Field

from chassis.db import text_enum
from services.training.sessions.states import SessionStatus
from services.training.tables import Table


class TrainingSession(Table, table=True):
    """A cohort. `recorded_late_reason` is set when it was held before anybody entered it here;
    `opened_at` is the first opening: before it, only those who plan see the session. `starts_at`
    and `ends_at` are those of its first and last slot, null while there is none."""

    __tablename__: ClassVar[str] = "training_session"
    __table_args__ = (
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("min_participants between 1 and capacity", name="min_participants"),
        CheckConstraint("reserved_women between 0 and capacity", name="reserved_women"),
        CheckConstraint("reserved_youth between 0 and capacity", name="reserved_youth"),
        CheckConstraint("waitlist_max >= 0", name="waitlist_max"),
        Index("ix_training_session_path", "path", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    programme_version_id: UUID = Field(foreign_key="programme_version.id")
    language: str
    commune_code: str
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    venue_name: str | None = None
    lead_trainer_sub: str = Field(index=True)
    co_trainer_subs: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    capacity: int
    min_participants: int
    reserved_women: int
    reserved_youth: int
    waitlist_max: int
    starts_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    ends_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    registration_opens_at: datetime | None = Field(sa_type=DateTime(timezone=True))
    registration_closes_at: datetime | None = Field(sa_type=DateTime(timezone=True))
    recorded_late_reason: str | None = None
    status: SessionStatus = Field(sa_type=text_enum(SessionStatus), default=SessionStatus.DRAFT)
    opened_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    created_by: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    version: int = 1

    @property
    def trainers(self) -> set[str]:
        """Everybody who delivers it."""
        return {self.lead_trainer_sub, *self.co_trainer_subs}

    @property
    def is_recorded_late(self) -> bool:
        """Whether it was held before it was entered here."""
        return self.recorded_late_reason is not None


class SessionSlot(Table, table=True):
    """A stretch of teaching, with the modules it carries."""

    __tablename__: ClassVar[str] = "session_slot"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="length"),)

    id: UUID = Field(primary_key=True)
    training_session_id: UUID = Field(foreign_key="training_session.id", index=True)
    starts_at: datetime = Field(sa_type=DateTime(timezone=True))
    ends_at: datetime = Field(sa_type=DateTime(timezone=True))
    module_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))

    @property
    def minutes(self) -> int:
        """Its length."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60
