"""Keys of clients, found and kept."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from chassis.db import AsyncSession
from chassis.sql import count, run
from gateway.issuer.models import Client, ClientKey

_USE_ONCE = text(
    "insert into assertion_jti (client_id, jti, expires_at) values (:client_id, :jti, :expires_at)"
    " on conflict do nothing"
)
_LEEWAY = timedelta(seconds=60)
# Who reads next: nobody else does meanwhile, and nobody again for as long as `:stale` says.
_CLAIM = text(
    """
    update client set jwks_read_at = :now where id in (
      select id from client where jwks_uri is not null and status = 'ACTIVE'
      and (jwks_read_at is null or jwks_read_at < :stale)
      order by jwks_read_at nulls first limit 20 for update skip locked)
    returning id, jwks_uri
    """
)


class ClientKeys:
    """All keys."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of(self, client_id: str) -> Sequence[ClientKey]:
        """Every key of a client, oldest first."""
        query = select(ClientKey).where(ClientKey.client_id == client_id)
        query = query.order_by(col(ClientKey.created_at), col(ClientKey.kid))
        return (await self.session.exec(query)).all()

    async def active(self, client_id: str, now: datetime) -> Sequence[ClientKey]:
        """Those that have not ended."""
        return [k for k in await self.of(client_id) if k.revoke_at is None or k.revoke_at > now]

    async def named(self, client_id: str, kid: str) -> ClientKey | None:
        """The key of that name."""
        return await self.session.get(ClientKey, (client_id, kid))

    async def known(self, thumbprints: Collection[str]) -> set[str]:
        """Those that are, or were, a key of any client."""
        query = select(ClientKey.thumbprint).where(col(ClientKey.thumbprint).in_(thumbprints))
        return set((await self.session.exec(query)).all())

    async def names_taken(self, organisation_id: str, kids: Collection[str]) -> set[str]:
        """Those that name a key of any client of an organisation."""
        query = (
            select(ClientKey.kid)
            .join(Client)
            .where(Client.organisation_id == organisation_id, col(ClientKey.kid).in_(kids))
        )
        return set((await self.session.exec(query)).all())

    async def use_once(self, client_id: str, claims: dict[str, Any]) -> bool:
        """Whether nobody used the proof before; the primary key decides."""
        ends = datetime.fromtimestamp(claims["exp"], UTC) + _LEEWAY
        row = {"client_id": client_id, "jti": claims["jti"], "expires_at": ends}
        return await count(self.session, _USE_ONCE, row) == 1

    def add(self, key: ClientKey) -> ClientKey:
        """Remember a new key."""
        self.session.add(key)
        return key

    async def claim_addresses(self, now: datetime, stale: datetime) -> list[tuple[str, str]]:
        """Clients whose key address is to be read now: (id, address)."""
        rows = (await run(self.session, _CLAIM, {"now": now, "stale": stale})).all()
        return [(row.id, row.jwks_uri) for row in rows]
