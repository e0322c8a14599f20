"""Filings, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from chassis.db import hold
from chassis.errors import NotFound
from chassis.repository import Repository
from chassis.sql import run
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.scopes import AGENT_SCOPES

_SAME_NAME = text(
    "select registration_number from cooperative where authority_code = :authority"
    " and name_key = :key and life in ('REGISTERED', 'IN_LIQUIDATION')"
)
_NEAR_NAMES = text(
    "select name from cooperative where name_key % :key and authority_code = :authority"
    " and similarity(name_key, :key) >= :least order by similarity(name_key, :key) desc limit 3"
)


class Filings(Repository[Filing]):
    """All filings."""

    model = Filing
    aggregate = "filing"

    async def in_view(
        self, caller: Caller, *, after: UUID | None, limit: int, status: FilingStatus | None
    ) -> Sequence[Filing]:
        """Those the caller filed or may work on, oldest first; one more than `limit`."""
        mine = or_(
            col(Filing.organisation_id) == caller.organisation_id,
            col(Filing.created_by) == caller.sub,
        )
        place = col(Filing.path).op("&&")(sorted(caller.territories))
        to_agents = and_(place, col(Filing.submitted_at).is_not(None))
        query = select(Filing).where(or_(mine, to_agents) if caller.has(*AGENT_SCOPES) else mine)
        if status is not None:
            query = query.where(Filing.status == status)
        if after is not None:
            query = query.where(col(Filing.id) > after)
        return (await self.session.exec(query.order_by(col(Filing.id)).limit(limit + 1))).all()

    async def alone(self, id: UUID) -> Filing:
        """The filing as it is now, held but not yet row-locked: what it says may tell what else
        must be held before the first write."""
        await hold(self.session, f"filing/{id}")
        found = await self.session.get(Filing, id, populate_existing=True)
        if found is None:
            raise NotFound()
        return found


async def same_name(session: AsyncSession, authority: str, key: str) -> str | None:
    """The number of the living cooperative with exactly this name key, if any."""
    found = await run(session, _SAME_NAME, {"authority": authority, "key": key})
    number: str | None = found.scalar_one_or_none()
    return number


async def near_names(
    session: AsyncSession, authority: str, key: str, least: float
) -> tuple[str, ...]:
    """Up to three names under `authority` that look like `key`."""
    row = {"authority": authority, "key": key, "least": least}
    return tuple((await run(session, _NEAR_NAMES, row)).scalars())
