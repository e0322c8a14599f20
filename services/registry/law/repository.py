"""Rules, found for a day."""

from datetime import date
from typing import cast

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run
from services.registry.law.models import LawRule
from services.registry.law.rules import Law

# Plain rows: every act reads all of them, and an object of the ORM for each costs ten times more.
_IN_FORCE = text(
    "select code, legal_form, value, severity, law_ref, confidence from law_rule"
    " where is_on and valid_from <= :day and (valid_to is null or valid_to > :day)"
)


async def law_on(session: AsyncSession, day: date, legal_form: str | None) -> Law:
    """The law in force on `day` for `legal_form`."""
    rows = (await run(session, _IN_FORCE, {"day": day})).all()
    return Law(cast(list[LawRule], rows), legal_form)
