"""Usury ceilings as callers see them."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.financing.ceilings.models import Confidence, RateCeiling
from services.financing.lenders.models import LenderCategory
from services.financing.rates.rules import Convention


class CeilingRead(BaseModel):
    """A ceiling, from `valid_from` until before `valid_to`; null means unlimited on that side."""

    id: UUID
    lender_category: LenderCategory
    max_rate_percent: str
    convention: Convention
    is_convention_confirmed: bool
    valid_from: date | None
    valid_to: date | None
    legal_ref: str
    source: str
    confidence: Confidence


def read_of(row: RateCeiling) -> CeilingRead:
    """The row with its rate as a decimal string."""
    return CeilingRead(**row.model_dump() | {"max_rate_percent": f"{row.max_rate_percent:.2f}"})
