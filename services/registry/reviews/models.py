"""Reviews: never changed once made."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.registry.reviews.schemas import ReviewOutcome
from services.registry.tables import Table


class Review(Table, table=True):
    """What an instructor found."""

    __tablename__: ClassVar[str] = "review"

    id: UUID = Field(primary_key=True)
    filing_id: UUID = Field(sa_column=Column(ForeignKey("filing.id"), nullable=False, index=True))
    outcome: ReviewOutcome = Field(sa_type=text_enum(ReviewOutcome))
    remarks: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    by_sub: str
    at: datetime = Field(sa_type=DateTime(timezone=True))
