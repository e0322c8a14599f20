"""Holidays are announced, and taken back."""

from typing import Any

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from services.registry.desk.records import refresh
from services.registry.working_days.errors import NationalTerritoryRequired
from services.registry.working_days.models import Holiday
from services.registry.working_days.repository import Holidays
from services.registry.working_days.schemas import HolidayName, HolidayRead, HolidayWrite

_NATION = ["SN"]


async def announce(session: AsyncSession, said: HolidayWrite, *, by: Caller) -> Holiday:
    """A day becomes a holiday, or is none after all; every running clock is set again."""
    if not by.covers(_NATION):
        raise NationalTerritoryRequired()
    await hold(session, "holidays")
    fields: dict[str, Any] = {
        "name_fr": said.name.fr,
        "name_en": said.name.en,
        "is_observed": said.is_observed,
        "source": said.source,
        "entered_by": by.sub,
        "entered_at": clock.now(),
    }
    holiday = await Holidays(session).on(said.on)
    if holiday is None:
        holiday = Holidays(session).add(Holiday(on=said.on, **fields))
    else:
        holiday.sqlmodel_update(fields)
    await session.flush()
    await refresh(session)
    return holiday


def shown(holiday: Holiday) -> HolidayRead:
    """A holiday as callers see it."""
    name = HolidayName(fr=holiday.name_fr, en=holiday.name_en)
    return HolidayRead(
        on=holiday.on, name=name, is_observed=holiday.is_observed, source=holiday.source
    )
