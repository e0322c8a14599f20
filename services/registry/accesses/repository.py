"""Records of access, found."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from chassis.owners import nearby
from services.registry.accesses.models import DataAccess
from services.registry.cooperatives.models import Cooperative
from services.registry.filings.models import Filing
from services.registry.persons.models import PersonKey


class Accesses:
    """All records of access, the newest first."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def names_of(self, members: Collection[UUID]) -> list[UUID]:
        """Under which ids members stand in records: their own, and those of the persons of filings
        from which they came."""
        query = select(PersonKey.id).where(col(PersonKey.member_id).in_(sorted(members)))
        return [*sorted(members), *(await self.session.exec(query)).all()]

    async def about(
        self, subjects: Sequence[UUID], after: UUID | None, limit: int
    ) -> Sequence[DataAccess]:
        """Those that saw any of these, one more than `limit`."""
        seen = col(DataAccess.subjects).op("&&")(cast(list(subjects), ARRAY(Uuid)))
        query = select(DataAccess).where(seen)
        if after is not None:
            query = query.where(col(DataAccess.id) < after)
        query = query.order_by(col(DataAccess.id).desc()).limit(limit + 1)
        return (await self.session.exec(query)).all()

    async def nearby(self, caller: Caller, after: UUID | None, limit: int) -> Sequence[DataAccess]:
        """Those about cooperatives and filings of the caller's territory."""
        cooperatives = select(Cooperative.id).where(nearby(caller, col(Cooperative.path)))
        filings = select(Filing.id).where(nearby(caller, col(Filing.path)))
        query = select(DataAccess).where(
            or_(
                col(DataAccess.cooperative_id).in_(cooperatives),
                col(DataAccess.filing_id).in_(filings),
            )
        )
        if after is not None:
            query = query.where(col(DataAccess.id) < after)
        query = query.order_by(col(DataAccess.id).desc()).limit(limit + 1)
        return (await self.session.exec(query)).all()
