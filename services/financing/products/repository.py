"""Products, found."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.errors import NotFound
from services.financing.products.models import FinancingProduct


class Products:
    """All financing products."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, code: str) -> FinancingProduct | None:
        """The product, or None."""
        return await self.session.get(FinancingProduct, code)

    async def get(self, code: str) -> FinancingProduct:
        """The product, or `NotFound`."""
        found = await self.find(code)
        if found is None:
            raise NotFound()
        return found

    async def page(self, *, after: str | None, limit: int) -> Sequence[FinancingProduct]:
        """Products by code; one more than `limit`."""
        query = select(FinancingProduct)
        if after is not None:
            query = query.where(col(FinancingProduct.code) > after)
        query = query.order_by(col(FinancingProduct.code)).limit(limit + 1)
        return (await self.session.exec(query)).all()
