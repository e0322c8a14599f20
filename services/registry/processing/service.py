"""How filings were processed, told as far as nobody is recognised by it."""

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.reads import Reads
from services.registry.code_lists.repository import Divisions
from services.registry.processing.repository import Asked, counted
from services.registry.processing.rules import (
    MOST_GROUPS,
    SMALLEST_CELL,
    nothing,
    told,
    whole_told,
)
from services.registry.processing.schemas import By, FilingStatistics
from services.registry.scopes import AGENT_SCOPES


async def is_known_to(session: AsyncSession, place: str | None, caller: Caller | None) -> bool:
    """Whether the caller is an agent of the whole place, who could count its filings anyway."""
    if caller is None or not caller.has(*AGENT_SCOPES):
        return False
    found = await Divisions(session).find(place) if place else None
    return caller.covers(found.path if found else ["SN"])


async def statistics(
    reads: Reads, asked: Asked, by: By | None, *, is_whole: bool
) -> FilingStatistics:
    """The indicators of the filings asked for, and of each of their groups."""
    today = clock.today()
    [total] = await counted(reads, asked, None, today, 1) or [nothing(None)]
    groups = await counted(reads, asked, by, today, MOST_GROUPS) if by else []
    shown = groups[:MOST_GROUPS]
    whole, parts = whole_told(total, shown) if is_whole else told(total, shown, SMALLEST_CELL)
    if by == By.MONTH:  # only now: from the total, what is hidden of other months is not to be had
        parts = [group for group in parts if asked.has_month(group.key)]
    return FilingStatistics(
        as_of=clock.now(),
        since=asked.since,
        until=asked.until,
        place=asked.place,
        type=asked.type,
        by=by,
        smallest_cell=1 if is_whole else SMALLEST_CELL,
        total=whole,
        groups=parts,
        has_more_groups=len(groups) > MOST_GROUPS,
    )
