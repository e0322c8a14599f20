"""Questions, as the cooperative finds them."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.repository import Repository
from services.financing.assignments.models import Assignment, InformationRequest


class InformationRequests(Repository[InformationRequest]):
    """All questions of lenders."""

    model = InformationRequest
    aggregate = "information-request"

    async def about(self, application_id: UUID) -> Sequence[InformationRequest]:
        """Every question about an application, oldest first."""
        query = (
            select(InformationRequest)
            .join(Assignment, col(Assignment.id) == col(InformationRequest.assignment_id))
            .where(Assignment.application_id == application_id)
        )
        return (await self.session.exec(query.order_by(col(InformationRequest.id)))).all()
