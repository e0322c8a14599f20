"""The history of a record on the wire."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.registry.fields import FilingType, Organ


class Representative(BaseModel):
    """Who sits in an organ for a legal person (AUSCOOP art. 296)."""

    family_name: str | None
    given_names: str | None


class OfficerRead(BaseModel):
    """Who holds a mandate: name and function, published by law (AUSCOOP art. 70)."""

    mandate_id: UUID
    family_name: str
    given_names: str
    organ: Organ
    function: str
    from_on: date
    to_on: date | None
    representative: Representative | None = None
    filing_id: UUID


class RevisionRead(BaseModel):
    """One approved filing in the life of a record. `corrected_by` names the later filings that put
    it right."""

    revision: int
    filing_id: UUID
    type: FilingType
    arrival_number: str
    effective_on: date
    recorded_at: datetime
    corrects: UUID | None
    corrected_by: list[UUID]


class ChangeRead(BaseModel):
    """One field of the public record that a filing made different from the day `since` on, which
    may lie before the day of effect: before it and after it on that day, as known then. It holds
    until the next entry of the same filing about that field. Where `old` and `new` are the same,
    what the filing changed ends: from that day on, earlier filings say what holds."""

    revision: int
    filing_id: UUID
    type: FilingType
    effective_on: date
    since: date
    recorded_at: datetime
    field: str
    old: Any
    new: Any
