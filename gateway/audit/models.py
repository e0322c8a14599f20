"""The audit trail: who did what to whom, and when. Rows are added and never changed."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from gateway.tables import Table


class AuditEntry(Table, table=True):
    """One act of administration; `details` are ids, codes and names of fields, never a person's.

    No foreign keys: the trail outlives what it speaks of.
    """

    __tablename__: ClassVar[str] = "audit_entry"

    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    act: str
    target_kind: str
    target_id: str = Field(index=True)
    organisation_id: str | None = Field(default=None, index=True)  # whose the target is
    by_sub: str
    by_client_id: str
    by_organisation_id: str
    details: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
