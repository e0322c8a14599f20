"""Reviews, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.repository import Repository
from services.registry.reviews.models import Review


class Reviews(Repository[Review]):
    """All reviews."""

    model = Review
    aggregate = "review"

    async def of_filing(self, id: UUID, after: UUID | None, limit: int) -> Sequence[Review]:
        """Those of one filing, oldest first; one more than `limit`."""
        query = select(Review).where(Review.filing_id == id)
        if after is not None:
            query = query.where(col(Review.id) > after)
        return (await self.session.exec(query.order_by(col(Review.id)).limit(limit + 1))).all()

    async def reviewers(self, filing_id: UUID) -> set[str]:
        """Everybody who reviewed a filing, however often it came back."""
        query = select(Review.by_sub).where(Review.filing_id == filing_id)
        return set((await self.session.exec(query)).all())
