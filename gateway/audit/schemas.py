"""The audit trail on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class AuditFilter(BaseModel):
    """Which entries; what is None does not narrow."""

    target_id: str | None = None
    organisation_id: str | None = None
    by_sub: str | None = None


class AuditEntryRead(BaseModel):
    """One act of administration: what, on whom, by whom, when."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    act: str
    target_kind: str
    target_id: str
    organisation_id: str | None
    by_sub: str
    by_client_id: str
    by_organisation_id: str
    details: dict[str, Any]
