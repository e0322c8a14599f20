"""Assessments, kept and found."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.repository import Repository
from services.training.assessments.models import Assessment


class Assessments(Repository[Assessment]):
    """All assessments."""

    model = Assessment
    aggregate = "assessment"

    async def of_delegation(self, id: UUID) -> Sequence[Assessment]:
        """Every look at the work of one group, oldest first."""
        return await self.all_where(Assessment.delegation_id == id, order_by=col(Assessment.id))

    async def page(
        self, delegation_id: UUID, after: UUID | None, limit: int
    ) -> Sequence[Assessment]:
        """The same, from `after` on; one more than `limit`."""
        query = select(Assessment).where(Assessment.delegation_id == delegation_id)
        if after is not None:
            query = query.where(col(Assessment.id) > after)
        return (await self.session.exec(query.order_by(col(Assessment.id)).limit(limit + 1))).all()
