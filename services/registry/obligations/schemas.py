"""Obligations on the wire."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.registry.fields import FilingType
from services.registry.obligations.states import ObligationKind, ObligationStatus


class ObligationRead(BaseModel):
    """One thing that is owed: until when, by which article, fulfilled by which filing. A proposal
    (`is_proposal`) is no law: nobody is late under it. `subject` is the year that ended, the
    organ, or the draft."""

    kind: ObligationKind
    subject: str
    title: str
    remedy: str
    status: ObligationStatus
    due_on: date | None
    overdue_days: int
    filing_type: FilingType
    filing_id: UUID | None
    law_ref: str | None
    confidence: str | None
    is_proposal: bool
    is_public: bool


class ObligationsRead(BaseModel):
    """What a cooperative owes. The public sees what follows from published facts (`basis` PUBLIC),
    the cooperative and its agents everything (ALL)."""

    cooperative_id: UUID
    basis: Literal["PUBLIC", "ALL"]
    items: list[ObligationRead]
    as_of: date
    revision: int
