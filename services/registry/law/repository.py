"""Rules, found for a day."""

from datetime import date

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registry.law.models import LawRule
from services.registry.law.rules import Law


async def law_on(session: AsyncSession, day: date, legal_form: str | None) -> Law:
    """The law in force on `day` for `legal_form`."""
    query = select(LawRule).where(
        col(LawRule.is_on),
        col(LawRule.valid_from) <= day,
        or_(col(LawRule.valid_to).is_(None), col(LawRule.valid_to) > day),
    )
    return Law((await session.exec(query)).all(), legal_form)
