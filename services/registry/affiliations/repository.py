"""Affiliations read and redrawn."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import and_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registry.affiliations.models import Affiliation
from services.registry.cooperatives.models import Cooperative
from services.registry.law.rules import Peer


class Affiliations:
    """The members of apex bodies."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def redraw(self, apex_id: UUID, members: Collection[UUID], vocation: str | None) -> None:
        """Make `members` those of the apex body, in an order that lets no two approvals wait for
        each other."""
        query = select(Affiliation).where(Affiliation.apex_id == apex_id)
        here = {row.cooperative_id: row for row in (await self.session.exec(query)).all()}
        for id in sorted(here.keys() - set(members)):
            await self.session.delete(here[id])
        await self.session.flush()
        for id in sorted(members):
            row = here.get(id) or Affiliation(apex_id=apex_id, cooperative_id=id)
            row.vocation = vocation
            self.session.add(row)
        await self.session.flush()

    async def peers(
        self, ids: Collection[UUID], vocation: str | None, *, but: UUID | None
    ) -> dict[str, Peer]:
        """The records that a declaration names, each with the other union of that vocation to which
        it belongs."""
        union = aliased(Cooperative)
        same = and_(
            col(Affiliation.cooperative_id) == col(Cooperative.id),
            col(Affiliation.vocation) == vocation,
            col(Affiliation.apex_id).is_distinct_from(but),
        )
        query = (
            select(Cooperative, union.registration_number)
            .outerjoin(Affiliation, same)
            .outerjoin(union, col(union.id) == col(Affiliation.apex_id))
            .where(col(Cooperative.id).in_(ids))
        )
        return {
            str(one.id): Peer(
                one.legal_form.value, one.life.value, tuple(one.sector_codes), affiliated_to
            )
            for one, affiliated_to in (await self.session.exec(query)).all()
        }
