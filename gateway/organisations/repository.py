"""Organisations, found and kept."""

from collections.abc import Sequence

from sqlmodel import select

from chassis.repository import Repository
from gateway.accounts.models import Organisation
from gateway.keysets import Place, following
from gateway.organisations.schemas import OrganisationFilter


class Organisations(Repository[Organisation]):
    """All organisations."""

    model = Organisation
    aggregate = "organisation"

    async def page(
        self, wanted: OrganisationFilter, *, after: Place | None, limit: int
    ) -> Sequence[Organisation]:
        """Those that match every filter that is set, oldest first; one more than `limit`."""
        query = select(Organisation)
        for name, value in wanted.model_dump(exclude_none=True).items():
            query = query.where(getattr(Organisation, name) == value)
        rows: Sequence[Organisation] = (
            await self.session.exec(following(Organisation, query, after, limit))
        ).all()
        return rows
