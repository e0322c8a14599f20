"""What was told to one organisation alone, in the order in which it became known here."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.tables import Xid8
from gateway.tables import Table


class OrganisationEvent(Table, table=True):
    """An event of a service, as it came, and whose it is. Ids and codes, never personal data."""

    __tablename__: ClassVar[str] = "organisation_event"
    __table_args__ = (
        Index("ix_organisation_event_order", "organisation_id", "xid", "pos"),
        Index("ix_organisation_event_kept_at", "kept_at"),
    )

    id: UUID = Field(primary_key=True)
    xid: Any = Field(
        default=None,
        sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    )
    pos: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False)
    )
    organisation_id: str
    source: str
    type: str
    subject: str
    time: datetime = Field(sa_type=DateTime(timezone=True))
    data: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    kept_at: datetime = Field(sa_type=DateTime(timezone=True))
