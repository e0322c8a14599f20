"""What a cooperative lets a client do with its own record, and which cooperative is whose."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Text
from sqlmodel import Field

from gateway.tables import Table


class KnownCooperative(Table, table=True):
    """What the registry said of a cooperative: whose it is."""

    __tablename__: ClassVar[str] = "known_cooperative"

    id: UUID = Field(primary_key=True)
    organisation_id: str = Field(index=True)
    name: str


class AccessGrant(Table, table=True):
    """Named scopes on one cooperative's record, for one client, until a day or a revocation."""

    __tablename__: ClassVar[str] = "access_grant"
    __table_args__ = (
        CheckConstraint("ends_at > created_at", name="period"),
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    cooperative_id: UUID
    client_id: str = Field(foreign_key="client.id", index=True)
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    granted_by: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    ends_at: datetime = Field(sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    version: int = 1
