"""Eligibility as the cooperative reads it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.financing.eligibility.rules import Basis


class RuleRead(BaseModel):
    """A rule: fulfilled or not, why, and what to do (null when nothing is left to do)."""

    code: str
    is_fulfilled: bool
    reason: str
    remedy: str | None
    basis: Basis
    law_ref: str | None


class EligibilityRead(BaseModel):
    """What a cooperative has and lacks for a product, as far as financing has heard."""

    cooperative_id: UUID
    product_code: str
    is_eligible: bool
    rules: list[RuleRead]
    heard_at: datetime
