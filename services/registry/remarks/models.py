"""What a file said when it was sent back, and what its filers answered."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.tables import SEALED
from services.registry.tables import Table


class ReviewSnapshot(Table, table=True):
    """The payload that a reviewer sent back, sealed as the filing's own is: for as long as the
    file is open, so that the next reviewer sees what changed."""

    __tablename__: ClassVar[str] = "review_snapshot"

    review_id: UUID = Field(primary_key=True, foreign_key="review.id")
    filing_id: UUID = Field(foreign_key="filing.id", index=True)
    effective_on: date | None = None
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, **SEALED))


class RemarkAnswer(Table, table=True):
    """What a filer says to a remark; never changed. The text is sealed: it may name persons."""

    __tablename__: ClassVar[str] = "remark_answer"
    __table_args__ = (
        UniqueConstraint("review_id", "remark", name="uq_remark_answer"),
        CheckConstraint("remark between 1 and 200", name="remark"),
    )

    id: UUID = Field(primary_key=True)
    review_id: UUID = Field(foreign_key="review.id")
    remark: int
    message: str = Field(sa_column_kwargs=SEALED)
    by_sub: str
    at: datetime = Field(sa_type=DateTime(timezone=True))
