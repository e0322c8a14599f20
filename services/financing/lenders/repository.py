"""Lenders and their keys, found."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.repository import Repository
from chassis.sql import run
from services.financing.lenders.models import Lender, LenderKey, LenderStatus

# Told twice it is the same; a revocation is never taken back, a window never begins later.
_REGISTER = text(
    """
    insert into lender_key (lender_id, kid, jwk, client_id, valid_from, revoked_at)
    values (:lender_id, :kid, cast(:jwk as jsonb), :client_id, :valid_from, :revoked_at)
    on conflict (lender_id, kid) do update set client_id = excluded.client_id,
      valid_from = least(lender_key.valid_from, excluded.valid_from),
      revoked_at = least(lender_key.revoked_at, excluded.revoked_at)
    where (lender_key.jwk -> 'x', lender_key.jwk -> 'y')
        = (excluded.jwk -> 'x', excluded.jwk -> 'y')
    returning kid
    """
)
_REVOKE = text(
    "update lender_key set revoked_at = least(revoked_at, :revoked_at)"
    " where lender_id = :lender_id and kid = :kid returning kid"
)


class Lenders(Repository[Lender]):
    """All lenders."""

    model = Lender
    aggregate = "lender"

    async def page(
        self, *, after: UUID | None, limit: int, status: LenderStatus | None
    ) -> Sequence[Lender]:
        """Lenders by id; one more than `limit`."""
        query = select(Lender)
        if status is not None:
            query = query.where(Lender.status == status)
        if after is not None:
            query = query.where(col(Lender.id) > after)
        return (await self.session.exec(query.order_by(col(Lender.id)).limit(limit + 1))).all()

    async def known(self, ids: Collection[UUID]) -> dict[UUID, Lender]:
        """Those of `ids` that exist."""
        query = select(Lender).where(col(Lender.id).in_(ids))
        return {lender.id: lender for lender in (await self.session.exec(query)).all()}

    async def keys_of(self, lender_id: UUID) -> Sequence[LenderKey]:
        """Every key of a lender, revoked ones included."""
        query = select(LenderKey).where(LenderKey.lender_id == lender_id)
        return (await self.session.exec(query)).all()


class LenderKeys:
    """The public keys of lenders, as the gateway tells of them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def register(self, key: LenderKey) -> bool:
        """Remember `key`; False when its name already means another key of the lender."""
        row = {**key.model_dump(), "jwk": json.dumps(key.jwk)}
        return (await run(self.session, _REGISTER, row)).one_or_none() is not None

    async def revoke(self, lender_id: UUID, kid: str, at: datetime) -> bool:
        """The key ends at `at`, or earlier if that was said before; False when it is unknown."""
        row = {"lender_id": lender_id, "kid": kid, "revoked_at": at}
        return (await run(self.session, _REVOKE, row)).one_or_none() is not None
