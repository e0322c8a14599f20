"""What filers and agents write to each other about a file."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import SEALED
from services.registry.tables import Table


class Side(StrEnum):
    """Who writes, and who is meant to read."""

    FILERS = "FILERS"
    AGENTS = "AGENTS"


class Message(Table, table=True):
    """A message; never changed. Its text is sealed: it may name persons. A note that agents leave
    for each other (`is_internal`) is shown to no filer."""

    __tablename__: ClassVar[str] = "message"
    __table_args__ = (
        CheckConstraint("side = 'AGENTS' or not is_internal", name="internal"),
        Index("ix_message_of_filing", "filing_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    filing_id: UUID = Field(foreign_key="filing.id")
    side: Side = Field(sa_type=text_enum(Side))
    is_internal: bool = False
    text: str = Field(sa_column_kwargs=SEALED)
    by_sub: str
    at: datetime = Field(sa_type=DateTime(timezone=True))


class ReadMark(Table, table=True):
    """Up to which message one person has read; it only moves forward."""

    __tablename__: ClassVar[str] = "read_mark"

    filing_id: UUID = Field(primary_key=True, foreign_key="filing.id")
    reader_sub: str = Field(primary_key=True)
    side: Side = Field(sa_type=text_enum(Side))
    message_id: UUID = Field(foreign_key="message.id")
    at: datetime = Field(sa_type=DateTime(timezone=True))
