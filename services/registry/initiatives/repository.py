"""Initiatives, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.owners import nearby, owned
from chassis.repository import Repository
from services.registry.initiatives.models import Initiative


def _in_view(caller: Caller) -> ColumnElement[bool]:
    """Those of the caller's organisation, and of the territory in which they help or work."""
    # a grant is on a cooperative's record: it opens no initiative
    own = owned(caller, col(Initiative.organisation_id), None)
    return or_(own, nearby(caller, col(Initiative.path)))


class Initiatives(Repository[Initiative]):
    """All initiatives."""

    model = Initiative
    aggregate = "initiative"

    async def row(self, id: UUID) -> Initiative | None:
        """The row as it is now, alone, where nothing is said about it and something was already
        written: what is heard from others."""
        return await self.session.get(Initiative, id, with_for_update=True, populate_existing=True)

    async def is_registered(self, id: UUID) -> bool:
        """Whether its cooperative exists, as of this very moment."""
        query = select(Initiative.cooperative_id).where(Initiative.id == id)
        return (await self.session.exec(query)).one_or_none() is not None

    async def one_in_view(self, id: UUID, caller: Caller) -> Initiative:
        """The initiative, for its organisation and those who help or work in its territory."""
        return await self.seen(id, _in_view(caller))

    async def in_view(self, caller: Caller, after: UUID | None, limit: int) -> Sequence[Initiative]:
        """Those of the caller's organisation or territory, oldest first; one more than `limit`."""
        query = select(Initiative).where(_in_view(caller))
        if after is not None:
            query = query.where(col(Initiative.id) > after)
        query = query.order_by(col(Initiative.id)).limit(limit + 1)
        return (await self.session.exec(query)).all()
