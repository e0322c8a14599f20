"""The desk: one row for every file that arrived, and every step that it took."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Text,
    text,
)
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import Xid8
from services.registry.desk.states import Stage, StepKind
from services.registry.filings.states import FilingStatus
from services.registry.tables import Table


class WorkItem(Table, table=True):
    """Who holds a file, at which stage, and until when. Its clock runs (`clock_since`), stands
    while the filer is asked (`stopped_at`), or has ended (`ended_at`)."""

    __tablename__: ClassVar[str] = "work_item"
    __table_args__ = (
        CheckConstraint("num_nonnulls(clock_since, stopped_at, ended_at) = 1", name="clock"),
        CheckConstraint("(clock_since is null) = (due_on is null)", name="due"),
        CheckConstraint("(ended_at is null) = (outcome is null)", name="outcome_known"),
        CheckConstraint("(holder_sub is null) = (held_since is null)", name="held"),
        CheckConstraint("ended_at is null or holder_sub is null", name="ended_unheld"),
        CheckConstraint("days_used >= 0 and stopped_s >= 0 and returned_count >= 0", name="counts"),
        Index(
            "ix_work_item_queue",
            "due_on",
            "filing_id",
            postgresql_where=text("ended_at is null"),
        ),
    )

    filing_id: UUID = Field(primary_key=True, foreign_key="filing.id")
    subject: str
    stage: Stage = Field(sa_type=text_enum(Stage))
    holder_sub: str | None = None
    held_since: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    clock_since: date | None = None
    days_used: int = 0  # working days of this stage before the clock was stopped
    due_on: date | None = None
    total_due_on: date
    stopped_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    stopped_s: int = Field(default=0, sa_type=BigInteger)
    returned_count: int = 0
    arrived_at: datetime = Field(sa_type=DateTime(timezone=True))
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    outcome: FilingStatus | None = Field(default=None, sa_type=text_enum(FilingStatus))


class DeskStep(Table, table=True):
    """One step of a file; never changed."""

    __tablename__: ClassVar[str] = "desk_step"
    __table_args__ = (Index("ix_desk_step_xid_pos", "xid", "pos"),)

    id: UUID = Field(primary_key=True)
    xid: Any = Field(
        default=None,
        sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    )
    pos: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False)
    )
    filing_id: UUID = Field(foreign_key="filing.id", index=True)
    kind: StepKind = Field(sa_type=text_enum(StepKind))
    stage: Stage = Field(sa_type=text_enum(Stage))
    authority_code: str
    due_on: date | None = None
    holder_sub: str | None = None
    by_sub: str
    reason: str | None = None
    # what the file was then: see `steps`; those from before it was kept say nothing
    status: FilingStatus | None = Field(default=None, sa_type=text_enum(FilingStatus))
    filers: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    file_sha256: str | None = None
    review_id: UUID | None = Field(default=None, foreign_key="review.id", index=True)
    review_sha256: str | None = None
    at: datetime = Field(sa_type=DateTime(timezone=True))


class ServiceTarget(Table, table=True):
    """How long a stage should take: a proposal that a deployment may change, and no law."""

    __tablename__: ClassVar[str] = "service_target"

    code: str = Field(primary_key=True)
    valid_from: date = Field(primary_key=True)
    days: int
    unit: str
    basis: str
