"""Filings, found and kept."""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from chassis.db import hold
from chassis.owners import nearby, owned
from chassis.repository import Repository
from chassis.rows import Query, by_id
from chassis.sql import run
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.scopes import AGENT_SCOPES, FILE

_MOST_LINKS = 100
_OPEN = (
    FilingStatus.DRAFT,
    FilingStatus.SUBMITTED,
    FilingStatus.UNDER_REVIEW,
    FilingStatus.CHANGES_REQUESTED,
)
# `%` looks in the index with the threshold of the session, which is a transaction's own here: with
# its usual 0.3 it would fetch, from a large register, thousands of names to compare.
_SAME_NAME = text(
    "select (select registration_number from cooperative where authority_code = :authority"
    " and name_key = :key and life in ('REGISTERED', 'IN_LIQUIDATION')"
    " and id is distinct from cast(:but as uuid)),"
    " set_config('pg_trgm.similarity_threshold', :least, true)"
)
# In a `(select …)`, so that PostgreSQL does not compare the key with its statistics each time.
_NEAR_NAMES = text(
    "select name from cooperative"
    " where name_key % (select cast(:key as text)) and authority_code = :authority"
    " and id is distinct from cast(:but as uuid)"
    " and similarity(name_key, :key) >= :least order by similarity(name_key, :key) desc limit 3"
)


def _filed_by(caller: Caller) -> ColumnElement[bool]:
    """Their own, their organisation's, and those about a cooperative that lent them filing. Who
    files ex officio does so for an authority, and only where they still work."""
    own = owned(caller, col(Filing.organisation_id), col(Filing.cooperative_id), FILE)
    filed = or_(own, col(Filing.created_by) == caller.sub)
    return filed if caller.has(FILE) else and_(filed, nearby(caller, col(Filing.path)))


def _at_work(caller: Caller) -> ColumnElement[bool]:
    """Those that an agent has to work on: submitted, in their territory."""
    if not caller.has(*AGENT_SCOPES):
        return false()
    return and_(nearby(caller, col(Filing.path)), col(Filing.submitted_at).is_not(None))


_AS_IT_IS = by_id(Filing)


# Worked out once for a caller, who asks again and again.
@lru_cache(500)
def _filed(caller: Caller) -> Query[Filing]:
    return by_id(Filing, _filed_by(caller))


@lru_cache(500)
def _in_view(caller: Caller) -> Query[Filing]:
    return by_id(Filing, or_(_filed_by(caller), _at_work(caller)))


class Filings(Repository[Filing]):
    """All filings."""

    model = Filing
    aggregate = "filing"

    async def in_view(
        self, caller: Caller, *, after: UUID | None, limit: int, status: FilingStatus | None
    ) -> Sequence[Filing]:
        """Those the caller filed or may work on, oldest first; one more than `limit`."""
        query = select(Filing).where(or_(_filed_by(caller), _at_work(caller)))
        if status is not None:
            query = query.where(Filing.status == status)
        if after is not None:
            query = query.where(col(Filing.id) > after)
        return (await self.session.exec(query.order_by(col(Filing.id)).limit(limit + 1))).all()

    async def one_in_view(self, id: UUID, caller: Caller) -> Filing:
        """The filing, for its filers, and once submitted for the agents of its territory."""
        return await self.found(_in_view(caller), id)

    async def one_at_work(self, id: UUID, caller: Caller) -> Filing:
        """The filing, for the agents who have it to work on."""
        return await self.seen(id, _at_work(caller))

    async def one_filed_by(self, id: UUID, caller: Caller) -> Filing:
        """The filing, for those who may change it."""
        return await self.found(_filed(caller), id)

    async def lock_in_view(self, id: UUID, caller: Caller) -> Filing:
        """The filing alone, for who may still see it: while they waited for it, it may have moved
        to another authority."""
        await self.lock(id)
        return await self.one_in_view(id, caller)

    async def lock_at_work(self, id: UUID, caller: Caller) -> Filing:
        """The filing alone, for the agents who still have it to work on."""
        await self.lock(id)
        return await self.one_at_work(id, caller)

    async def taking_up(self, former: UUID, caller: Caller) -> Sequence[UUID]:
        """Those that take up a rejected filing again and that the caller may see, oldest first."""
        query = select(Filing.id).where(
            Filing.former_filing_id == former, or_(_filed_by(caller), _at_work(caller))
        )
        return (await self.session.exec(query.order_by(col(Filing.id)).limit(_MOST_LINKS))).all()

    async def open_about(self, cooperative_id: UUID) -> Sequence[UUID]:
        """Those about a cooperative that are not decided yet, drafts too, as of now."""
        query = select(Filing.id).where(
            Filing.cooperative_id == cooperative_id, col(Filing.status).in_(_OPEN)
        )
        return (await self.session.exec(query.order_by(col(Filing.id)))).all()

    async def alone(self, id: UUID) -> Filing:
        """The filing as it is now, held but not yet row-locked: what it says may tell what else
        must be held before the first write."""
        await hold(self.session, f"filing/{id}")
        return await self.found(_AS_IT_IS, id)


async def names_like(
    session: AsyncSession, authority: str, key: str, *, least: float | None, but: UUID | None = None
) -> tuple[str | None, tuple[str, ...]]:
    """The number of the living cooperative under `authority` with exactly this name key, if any,
    and up to three names that look like it, if it is said how much; `but` is itself."""
    row = {"authority": authority, "key": key, "but": but}
    same = (await run(session, _SAME_NAME, {**row, "least": str(least or 1.0)})).one()
    if least is None:
        return same[0], ()
    near = await run(session, _NEAR_NAMES, {**row, "least": least})
    return same[0], tuple(near.scalars())
