"""Offers: what a lender's decision puts before the cooperative."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.financing.offers.states import Status
from services.financing.tables import Table


class Offer(Table, table=True):
    """Sealed: the cooperative and its lender see it, nobody else. `computed` is our reckoning."""

    __tablename__: ClassVar[str] = "offer"
    __table_args__ = (
        # one accepted offer for an application while its financing lives, whoever asks at once
        Index(
            "uq_offer_accepted",
            "application_id",
            unique=True,
            postgresql_where=text("status = 'ACCEPTED'"),
        ),
        Index(
            "uq_offer_live",
            "assignment_id",
            unique=True,
            postgresql_where=text("status = 'LIVE'"),
        ),
        Index("ix_offer_application_id", "application_id"),
        Index("ix_offer_valid_until", "valid_until", postgresql_where=text("status = 'LIVE'")),
    )

    id: UUID = Field(primary_key=True)
    decision_id: UUID = Field(unique=True)
    assignment_id: UUID = Field(foreign_key="assignment.id")
    application_id: UUID = Field(foreign_key="application.id")
    organisation_id: str = Field(index=True)
    lender_id: UUID = Field(foreign_key="lender.id")
    status: Status = Field(sa_type=text_enum(Status), default=Status.LIVE)
    amount_xof: int = Field(sa_type=BigInteger)
    terms: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    computed: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    valid_until: datetime = Field(sa_type=DateTime(timezone=True))
    made_at: datetime = Field(sa_type=DateTime(timezone=True))
    version: int = 1

    def is_live(self, now: datetime) -> bool:
        """Whether it may be accepted now, even if the timer has not passed by."""
        return self.status is Status.LIVE and now <= self.valid_until
