"""Decisions, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis.repository import Repository
from services.financing.decisions.models import DecisionType, LenderDecision


class Decisions(Repository[LenderDecision]):
    """All decisions of lenders."""

    model = LenderDecision
    aggregate = "decision"

    async def by_ref(self, lender_id: UUID, ref: str) -> LenderDecision | None:
        """The lender's decision with its own reference."""
        query = select(LenderDecision).where(
            LenderDecision.lender_id == lender_id, LenderDecision.lender_decision_ref == ref
        )
        return (await self.session.exec(query)).one_or_none()

    async def latest(self, assignment_id: UUID) -> LenderDecision:
        """The decision of an assignment that no other supersedes."""
        query = select(LenderDecision).where(LenderDecision.assignment_id == assignment_id)
        query = query.order_by(col(LenderDecision.pos).desc()).limit(1)
        return (await self.session.exec(query)).one()

    async def one_of(self, id: UUID, lender_id: UUID) -> LenderDecision:
        """The lender's own decision; that of another lender is `NotFound`."""
        return await self.seen(id, col(LenderDecision.lender_id) == lender_id)

    async def page(
        self, lender_id: UUID, *, after: UUID | None, limit: int, ref: str | None
    ) -> Sequence[LenderDecision]:
        """A lender's decisions, oldest first; one more than `limit`."""
        query = select(LenderDecision).where(LenderDecision.lender_id == lender_id)
        if ref is not None:
            query = query.where(LenderDecision.lender_decision_ref == ref)
        if after is not None:
            query = query.where(col(LenderDecision.id) > after)
        query = query.order_by(col(LenderDecision.id)).limit(limit + 1)
        return (await self.session.exec(query)).all()

    async def refusals(self, application_id: UUID) -> Sequence[LenderDecision]:
        """The rejections of an application that no later decision replaced, oldest first."""
        later = aliased(LenderDecision)
        replaced = select(later.id).where(later.supersedes_id == LenderDecision.id)
        query = select(LenderDecision).where(
            LenderDecision.application_id == application_id,
            LenderDecision.type == DecisionType.REJECT,
            ~replaced.exists(),
        )
        return (await self.session.exec(query.order_by(col(LenderDecision.pos)))).all()
