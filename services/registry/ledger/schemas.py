"""The arrival register on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.registry.ledger.models import EntryKind


class LedgerEntryRead(BaseModel):
    """One line of the arrival register."""

    id: UUID
    kind: EntryKind
    authority_code: str
    arrival_number: str
    formality: str
    declarant: str
    subject: str
    filing_id: UUID
    recorded_at: datetime
    grounds_sha256: Annotated[
        str | None,
        Field(description="of an approval or a rejection: over its decision, reviews, certificate"),
    ] = None
