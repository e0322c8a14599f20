"""Holidays, found and kept."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run, settle
from services.registry.working_days.models import Holiday

_CLOSED = text('select "on" from holiday where is_observed and "on" > :since and "on" <= :until')


class Holidays:
    """All holidays."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def closed(self, since: date, until: date) -> frozenset[date]:
        """The observed holidays after `since`, up to and with `until`."""
        await settle(self.session)
        found = await run(self.session, _CLOSED, {"since": since, "until": until})
        return frozenset(found.scalars())

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
