"""What the gateway hears for one organisation: what became of its files and cooperatives."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from chassis.inbox import Fact, Heard
from chassis.timers import Timer
from gateway.feed.repository import OrganisationEvents

_KEPT = timedelta(days=400)


async def kept(session: AsyncSession, fact: Fact) -> None:
    """Keep an event for the organisation that it names."""
    row = {
        "id": UUID(fact.id),
        "organisation_id": str(fact.data["organisation_id"]),
        "source": f"/{fact.type.split('.')[2]}",
        "type": fact.type,
        "subject": fact.subject,
        "time": fact.time,
        "data": fact.data,
    }
    await OrganisationEvents(session).keep(row, clock.now())


HEARS: dict[str, Heard] = {
    "sn.mboolo.registry.filing.returned.v1": kept,
    "sn.mboolo.registry.filing.rejected.v1": kept,
    "sn.mboolo.registry.alert.began.v1": kept,
    "sn.mboolo.registry.alert.ended.v1": kept,
}


async def forget_old(app: Any) -> int:
    """What nobody asked for in more than a year goes; how much."""
    async with app.state.database.transaction() as session:
        return await OrganisationEvents(session).forget(clock.now() - _KEPT)


TIMER = Timer("forget_events", 3600, forget_old)
