"""The arrival register (AUSCOOP art. 71): what reached which authority, in which order."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import Xid8
from services.registry.tables import Table


class EntryKind(StrEnum):
    """What an entry records."""

    ARRIVAL = "ARRIVAL"
    APPROVAL = "APPROVAL"
    REJECTION = "REJECTION"
    WITHDRAWAL = "WITHDRAWAL"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_IN = "TRANSFER_IN"


class LedgerEntry(Table, table=True):
    """One line; never changed. Arrivals are numbered without a gap per authority and year."""

    __tablename__: ClassVar[str] = "ledger"
    __table_args__ = (
        UniqueConstraint("authority_code", "year", "number", name="uq_ledger_arrival"),
        Index("ix_ledger_xid_pos", "xid", "pos"),
    )

    id: UUID = Field(primary_key=True)
    xid: Any = Field(
        default=None,
        sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    )
    pos: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False)
    )
    authority_code: str
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    year: int
    number: int | None = None
    kind: EntryKind = Field(sa_type=text_enum(EntryKind))
    filing_id: UUID = Field(foreign_key="filing.id", index=True)
    arrival_number: str
    formality: str
    declarant: str
    subject: str
    # of an approval or a rejection: see `grounds`; lines from before it was kept have none
    grounds_sha256: str | None = None
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class Counter(Table, table=True):
    """A gap-free counter: taken inside the transaction, given back with its rollback."""

    __tablename__: ClassVar[str] = "counter"

    name: str = Field(primary_key=True)
    value: int
