"""Access grants and known cooperatives, found and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, or_, select

from chassis.repository import Repository
from chassis.sql import run
from gateway.grants.models import AccessGrant, KnownCooperative
from gateway.grants.schemas import GrantFilter
from gateway.issuer.models import Client

# What a client has been lent now: by organisations that may act, on cooperatives still theirs.
LENT = """
select g.organisation_id as org, g.cooperative_id::text as subject, g.scopes, g.ends_at
from access_grant g
join organisation o on o.id = g.organisation_id and o.status = 'ACTIVE'
join known_cooperative k on k.id = g.cooperative_id and k.organisation_id = g.organisation_id
where g.client_id = $1 and g.revoked_at is null and g.ends_at > $2
order by g.created_at, g.id limit $3
"""
_BORROWERS = text(
    "select distinct client_id from access_grant"
    " where organisation_id = :id and revoked_at is null and ends_at > :now order by 1"
)


@dataclass(frozen=True)
class Named:
    """A grant, with the names that people know."""

    grant: AccessGrant
    cooperative: str
    client: Client


class AccessGrants(Repository[AccessGrant]):
    """All grants."""

    model = AccessGrant
    aggregate = "access_grant"

    async def named(self, id: UUID) -> Named | None:
        """One grant with its names."""
        found = (await self.session.exec(self._named().where(AccessGrant.id == id))).one_or_none()
        return Named(*found) if found else None

    async def page(
        self, wanted: GrantFilter, seen_by: str | None, *, after: UUID | None, limit: int
    ) -> Sequence[Named]:
        """Those given by an organisation or to its clients (None: all), oldest first; one more
        than `limit`."""
        query = self._named()
        if seen_by is not None:
            owns = (AccessGrant.organisation_id == seen_by, Client.organisation_id == seen_by)
            query = query.where(or_(*owns))
        for name, value in wanted.model_dump(exclude_none=True).items():
            query = query.where(getattr(AccessGrant, name) == value)
        if after is not None:
            query = query.where(col(AccessGrant.id) > after)
        query = query.order_by(col(AccessGrant.id)).limit(limit + 1)
        return [Named(*row) for row in (await self.session.exec(query)).all()]

    def _named(self) -> Any:
        return (
            select(AccessGrant, KnownCooperative.name, Client)
            .join(KnownCooperative, col(KnownCooperative.id) == col(AccessGrant.cooperative_id))
            .join(Client)
        )

    async def live(self, client_id: str, now: datetime) -> Sequence[AccessGrant]:
        """What has been lent to a client and has not ended."""
        return await self.all_where(
            AccessGrant.client_id == client_id,
            col(AccessGrant.revoked_at).is_(None),
            col(AccessGrant.ends_at) > now,
        )

    async def cooperative(self, id: UUID) -> KnownCooperative | None:
        """A cooperative that the registry has told of."""
        return await self.session.get(KnownCooperative, id)

    async def client(self, id: str) -> Client | None:
        """The client of that id."""
        return await self.session.get(Client, id)

    async def borrowers(self, organisation_id: str, now: datetime) -> Sequence[str]:
        """The clients to which an organisation has lent something."""
        rows = await run(self.session, _BORROWERS, {"id": organisation_id, "now": now})
        return list(rows.scalars())
