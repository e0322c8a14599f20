"""Lenders, and the public keys with which they sign."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.financing.tables import Table


class LenderCategory(StrEnum):
    """As the usury ceilings tell them apart."""

    BANK = "BANK"
    SFD = "SFD"
    EFC = "EFC"
    OTHER = "OTHER"


class LenderStatus(StrEnum):
    """ACTIVE: decides through this platform. LISTED: known, has not joined."""

    ACTIVE = "ACTIVE"
    LISTED = "LISTED"
    SUSPENDED = "SUSPENDED"


class Lender(Table, table=True):
    """A bank, a microfinance institution (SFD) or a public fund."""

    __tablename__: ClassVar[str] = "lender"

    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)
    category: LenderCategory = Field(sa_type=text_enum(LenderCategory))
    status: LenderStatus = Field(sa_type=text_enum(LenderStatus))
    source: str | None = None


class LenderKey(Table, table=True):
    """A public key of a lender; what it signed stays verifiable after its revocation. It may be
    told of before its lender is listed here. `client_id` is null when an operator put it in."""

    __tablename__: ClassVar[str] = "lender_key"

    lender_id: UUID = Field(primary_key=True)
    kid: str = Field(primary_key=True)
    jwk: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    client_id: str | None = None
    valid_from: datetime = Field(sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))

    def holds_at(self, instant: datetime) -> bool:
        """Whether a signature made with this key is accepted at `instant`."""
        return self.has_begun(instant) and not self.has_ended(instant)

    def has_begun(self, instant: datetime) -> bool:
        """Whether the key was valid by `instant`."""
        return self.valid_from <= instant

    def has_ended(self, instant: datetime) -> bool:
        """Whether the key was revoked by `instant`."""
        return self.revoked_at is not None and self.revoked_at <= instant
