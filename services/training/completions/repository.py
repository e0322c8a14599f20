"""Decisions, kept and found."""

from uuid import UUID

from sqlmodel import select

from chassis.repository import Repository
from services.training.completions.models import CompletionDecision


class CompletionDecisions(Repository[CompletionDecision]):
    """All decisions."""

    model = CompletionDecision
    aggregate = "completion-decision"

    async def of_delegation(self, id: UUID) -> CompletionDecision | None:
        """The decision about a group, or None."""
        query = select(CompletionDecision).where(CompletionDecision.delegation_id == id)
        return (await self.session.exec(query)).one_or_none()

    async def of_session(self, id: UUID) -> dict[UUID, CompletionDecision]:
        """The decisions of a session, by group."""
        rows = await self.all_where(CompletionDecision.training_session_id == id)
        return {row.delegation_id: row for row in rows}

    async def decided_in(self, session_id: UUID) -> set[UUID]:
        """The groups of a session that have their decision."""
        return set(await self.of_session(session_id))
