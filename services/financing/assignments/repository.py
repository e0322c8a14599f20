"""Assignments, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.repository import Repository
from services.financing.assignments.models import Assignment, InformationRequest
from services.financing.assignments.states import OPEN, Status


class Assignments(Repository[Assignment]):
    """All assignments. Their application is held before any of them is changed."""

    model = Assignment
    aggregate = "assignment"

    async def of_application(self, application_id: UUID) -> Sequence[Assignment]:
        """Every assignment of an application, as it is now."""
        query = select(Assignment).where(Assignment.application_id == application_id)
        query = query.order_by(col(Assignment.id)).with_for_update()
        return (await self.session.exec(query.execution_options(populate_existing=True))).all()

    async def open_of(self, application_id: UUID) -> Sequence[Assignment]:
        """Those that still wait for their lender."""
        found = await self.of_application(application_id)
        return [assignment for assignment in found if assignment.status in OPEN]

    async def one_of(self, id: UUID, lender_id: UUID) -> Assignment:
        """The lender's own assignment; that of another lender is `NotFound`."""
        return await self.seen(id, col(Assignment.lender_id) == lender_id)

    async def page(
        self, lender_id: UUID, *, after: UUID | None, limit: int, status: Status | None
    ) -> Sequence[Assignment]:
        """A lender's assignments, oldest first; one more than `limit`."""
        query = select(Assignment).where(Assignment.lender_id == lender_id)
        if status is not None:
            query = query.where(Assignment.status == status)
        if after is not None:
            query = query.where(col(Assignment.id) > after)
        query = query.order_by(col(Assignment.id)).limit(limit + 1)
        return (await self.session.exec(query)).all()

    async def questions(self, assignment_id: UUID) -> Sequence[InformationRequest]:
        """What the lender asked, oldest first."""
        query = select(InformationRequest).where(InformationRequest.assignment_id == assignment_id)
        return (await self.session.exec(query.order_by(col(InformationRequest.id)))).all()
