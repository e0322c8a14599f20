"""Acceptances: the cooperative's word, never changed."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field

from services.financing.tables import Table


class Acceptance(Table, table=True):
    """Who accepted which offer; `evidence_sha256` is over the offer as it stood."""

    __tablename__: ClassVar[str] = "acceptance"

    id: UUID = Field(primary_key=True)
    offer_id: UUID = Field(foreign_key="offer.id", unique=True)
    application_id: UUID = Field(foreign_key="application.id")
    financing_id: UUID
    signatories: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    evidence_sha256: str
    accepted_by: str
    accepted_at: datetime = Field(sa_type=DateTime(timezone=True))
