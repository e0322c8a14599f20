"""The ceiling that a rate must respect."""

from datetime import date

from chassis.db import AsyncSession
from services.financing.ceilings.errors import CeilingUnavailable
from services.financing.ceilings.models import RateCeiling
from services.financing.ceilings.repository import RateCeilings
from services.financing.lenders.models import LenderCategory


async def in_force(session: AsyncSession, category: LenderCategory, on: date) -> RateCeiling:
    """The ceiling of `category` on the day when a rate is stipulated.

    Raises `CeilingUnavailable` when there is none: what cannot be checked never passes.
    """
    found = await RateCeilings(session).of(category, on)
    if found is None:
        raise CeilingUnavailable(lender_category=category.value, on=on.isoformat())
    return found
