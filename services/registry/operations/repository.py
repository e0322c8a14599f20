"""Operations, found and kept."""

from uuid import UUID

from sqlalchemy import and_, or_
from sqlmodel import col

from chassis.auth import Caller
from chassis.owners import nearby
from chassis.repository import Repository
from services.registry.operations.models import Operation
from services.registry.scopes import AGENT_SCOPES


class Operations(Repository[Operation]):
    """All operations."""

    model = Operation
    aggregate = "operation"

    async def one_in_view(self, id: UUID, caller: Caller) -> Operation:
        """The operation, for who asked for it and the agents of the place it is about."""
        mine = col(Operation.created_by) == caller.sub
        if not caller.has(*AGENT_SCOPES):
            return await self.seen(id, mine)
        return await self.seen(id, or_(mine, and_(nearby(caller, col(Operation.path)))))

    async def row(self, id: UUID) -> Operation:
        """The row as it is now, alone, for the work that it tells of."""
        found = await self.session.get(Operation, id, with_for_update=True, populate_existing=True)
        assert found is not None  # noqa: S101 - made with what it tells of, and never deleted
        return found
