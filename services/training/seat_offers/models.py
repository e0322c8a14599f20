"""A place offered to a group that waited: it expires, and it is answered once."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, text
from sqlmodel import Field

from chassis.db import text_enum
from services.training.seat_offers.schemas import Answer
from services.training.tables import Table


class SeatOffer(Table, table=True):
    """Seats held for one group until it answers; a group has at most one open offer."""

    __tablename__: ClassVar[str] = "seat_offer"
    __table_args__ = (
        Index(
            "uq_seat_offer_open",
            "delegation_id",
            unique=True,
            postgresql_where=text("answer is null"),
        ),
        Index("ix_seat_offer_due", "expires_at", postgresql_where=text("answer is null")),
    )

    id: UUID = Field(primary_key=True)
    training_session_id: UUID = Field(foreign_key="training_session.id", index=True)
    delegation_id: UUID = Field(foreign_key="delegation.id")
    seats: int
    offered_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
    answer: Answer | None = Field(default=None, sa_type=text_enum(Answer))
    answered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    answered_by: str | None = None
    version: int = 1
