"""Members of other cooperatives, found by the keyed hash of their number."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run

_FIND = text(
    "select m.id as member, m.nin_blind as blind, c.id, c.registration_number, c.name,"
    " c.path && cast(:territories as text[]) as is_near,"
    " exists (select from mandate d where d.member_id = m.id and d.function = 'PRESIDENT'"
    "   and upper_inf(d.recorded) and d.valid @> cast(:today as date)) as is_president"
    " from member m join cooperative c on c.id = m.cooperative_id"
    " where m.nin_blind = any(cast(:blinds as text[])) and m.left_on is null"
    " and c.life in ('REGISTERED', 'IN_LIQUIDATION') and c.id is distinct from :own"
    " order by m.id limit 500"
)


async def elsewhere(
    session: AsyncSession,
    blinds: Sequence[str],
    *,
    own: UUID | None,
    territories: Collection[str],
) -> Sequence[Any]:
    """Who bears one of these numbers in another living cooperative."""
    row = {"blinds": list(blinds), "own": own, "today": clock.today()}
    found = await run(session, _FIND, {**row, "territories": sorted(territories)})
    return found.all()
