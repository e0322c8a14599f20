"""The reading model, written by what we hear and read by the rules."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run
from services.financing.eligibility.models import KnownCooperative

# A training holds while its delegation has a certificate that holds, or has none yet: the
# certificate is another aggregate and may be heard later.
_TRAINED = text(
    """
    select t.tool_code, min(t.decided_on) as since from known_training t
    where t.outcome = 'ACHIEVED'
      and (t.cooperative_id = :cooperative_id or t.initiative_id = :initiative_id)
      and (not exists (select 1 from known_certificate c where c.delegation_id = t.delegation_id)
           or exists (select 1 from known_certificate c where c.delegation_id = t.delegation_id
                      and c.status = 'VALID'
                      and (c.valid_until is null or c.valid_until >= :today)))
    group by t.tool_code
    """
)
# By the database's clock on both sides: `through` is written from the producer's.
_CERTAIN = text(
    "select 1 from peer_heard where producer = 'registry'"
    " and through > clock_timestamp() - interval '60 seconds' and not :aggregate = any(blocked)"
)


class KnownFacts:
    """Cooperatives, trainings and certificates that we have heard of."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def put(self, row: SQLModel) -> None:
        """Remember `row` as it was last told; harmless when repeated."""
        await self.session.merge(row)
        await self.session.flush()

    async def cooperative(self, id: UUID) -> KnownCooperative | None:
        """The cooperative as it is now known, or None."""
        return await self.session.get(KnownCooperative, id, populate_existing=True)

    async def trained(self, cooperative: KnownCooperative, today: date) -> dict[str, date]:
        """Tools achieved by the cooperative, or by the initiative that it was; since when."""
        row: dict[str, Any] = {
            "cooperative_id": cooperative.id,
            "initiative_id": cooperative.initiative_id,
            "today": today,
        }
        found = await run(self.session, _TRAINED, row)
        return {line.tool_code: line.since for line in found}

    async def is_certain(self, cooperative_id: UUID) -> bool:
        """Whether the register was heard within the last 60 s, this cooperative included."""
        row = {"aggregate": f"cooperative/{cooperative_id}"}
        return (await run(self.session, _CERTAIN, row)).first() is not None
