"""Ceilings, found."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from chassis.repository import Repository
from services.financing.ceilings.models import RateCeiling
from services.financing.lenders.models import LenderCategory


class RateCeilings(Repository[RateCeiling]):
    """All ceilings."""

    model = RateCeiling
    aggregate = "rate-ceiling"

    async def of(self, category: LenderCategory, on: date) -> RateCeiling | None:
        """The one in force on a day; the table cannot hold two."""
        query = select(RateCeiling).where(RateCeiling.lender_category == category, _in_force(on))
        return (await self.session.exec(query)).one_or_none()

    async def page(
        self,
        *,
        after: UUID | None,
        limit: int,
        category: LenderCategory | None,
        on: date | None,
    ) -> Sequence[RateCeiling]:
        """Ceilings by id; one more than `limit`."""
        query = select(RateCeiling)
        if category is not None:
            query = query.where(RateCeiling.lender_category == category)
        if on is not None:
            query = query.where(_in_force(on))
        if after is not None:
            query = query.where(col(RateCeiling.id) > after)
        query = query.order_by(col(RateCeiling.id)).limit(limit + 1)
        return (await self.session.exec(query)).all()


def _in_force(on: date) -> ColumnElement[bool]:
    begins, ends = col(RateCeiling.valid_from), col(RateCeiling.valid_to)
    return and_(or_(begins.is_(None), begins <= on), or_(ends.is_(None), ends > on))
