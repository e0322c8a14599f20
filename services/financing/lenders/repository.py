"""Lenders and their keys, found."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.repository import Repository
from services.financing.lenders.models import Lender, LenderKey, LenderStatus


class Lenders(Repository[Lender]):
    """All lenders."""

    model = Lender
    aggregate = "lender"

    async def page(
        self, *, after: UUID | None, limit: int, status: LenderStatus | None
    ) -> Sequence[Lender]:
        """Lenders by id; one more than `limit`."""
        query = select(Lender)
        if status is not None:
            query = query.where(Lender.status == status)
        if after is not None:
            query = query.where(col(Lender.id) > after)
        return (await self.session.exec(query.order_by(col(Lender.id)).limit(limit + 1))).all()

    async def known(self, ids: Collection[UUID]) -> dict[UUID, Lender]:
        """Those of `ids` that exist."""
        query = select(Lender).where(col(Lender.id).in_(ids))
        return {lender.id: lender for lender in (await self.session.exec(query)).all()}

    async def keys_of(self, lender_id: UUID) -> Sequence[LenderKey]:
        """Every key of a lender, revoked ones included."""
        query = select(LenderKey).where(LenderKey.lender_id == lender_id)
        return (await self.session.exec(query)).all()
