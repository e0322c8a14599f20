"""Snapshots and answers, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registry.law.models import LawRule
from services.registry.remarks.models import RemarkAnswer, ReviewSnapshot
from services.registry.reviews.models import Review
from services.registry.reviews.schemas import ReviewOutcome


class Remarks:
    """What was remarked on filings, and what became of it."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def last_return(self, filing_id: UUID) -> Review | None:
        """The last review that sent the file back."""
        query = select(Review).where(
            Review.filing_id == filing_id, Review.outcome == ReviewOutcome.CHANGES_REQUESTED
        )
        return (await self.session.exec(query.order_by(col(Review.id).desc()).limit(1))).first()

    async def snapshot(self, review_id: UUID) -> ReviewSnapshot | None:
        """What the file said then, while it is open."""
        return await self.session.get(ReviewSnapshot, review_id)

    async def answers(self, review_ids: Sequence[UUID]) -> Sequence[RemarkAnswer]:
        """The answers to some reviews, by remark."""
        query = select(RemarkAnswer).where(col(RemarkAnswer.review_id).in_(review_ids))
        return (await self.session.exec(query.order_by(col(RemarkAnswer.remark)))).all()

    async def forget(self, filing_id: UUID) -> None:
        """Nobody will compare any more."""
        own = delete(ReviewSnapshot).where(col(ReviewSnapshot.filing_id) == filing_id)
        await self.session.exec(own)

    async def rules_in_force(self, rules: Sequence[str]) -> set[str]:
        """Those of the named rules of law that are on."""
        query = select(LawRule.rule).where(col(LawRule.rule).in_(rules), col(LawRule.is_on))
        return set((await self.session.exec(query)).all())

    def add(self, row: ReviewSnapshot | RemarkAnswer) -> None:
        """Remember a new row."""
        self.session.add(row)
