"""Holidays, found and kept."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registry.working_days.models import Holiday


class Holidays:
    """All holidays."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def closed(self, since: date, until: date) -> frozenset[date]:
        """The observed holidays after `since`, up to and with `until`."""
        query = select(col(Holiday.on)).where(
            col(Holiday.is_observed), Holiday.on > since, Holiday.on <= until
        )
        return frozenset((await self.session.exec(query)).all())

    async def listed(
        self, since: date, until: date, after: date | None, limit: int
    ) -> Sequence[Holiday]:
        """Those of a span of days, in order; one more than `limit`."""
        query = select(Holiday).where(Holiday.on >= since, Holiday.on <= until)
        if after is not None:
            query = query.where(Holiday.on > after)
        return (await self.session.exec(query.order_by(col(Holiday.on)).limit(limit + 1))).all()

    async def on(self, day: date) -> Holiday | None:
        """The holiday of that day, alone."""
        return await self.session.get(Holiday, day, with_for_update=True, populate_existing=True)

    def add(self, holiday: Holiday) -> Holiday:
        """Remember a new one."""
        self.session.add(holiday)
        return holiday
