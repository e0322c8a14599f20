"""How long things are kept, and what is past its time."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import count, run
from services.registry.filings.states import FilingStatus
from services.registry.retention.models import RetentionRule

# Files whose persons never became members: no exit from a cooperative ends their time.
FILES = {
    "ABANDONED_DRAFT": [FilingStatus.DRAFT, FilingStatus.CHANGES_REQUESTED],
    "CLOSED_FILE": [FilingStatus.WITHDRAWN, FilingStatus.REJECTED],
}
# `sealed_at` moves with every change of a draft and with its withdrawal; a review counts too. A key
# without `ref` is that of the texts: a message is no reason to keep persons longer.
_UNTOUCHED = """
  filing.status = any(cast(:statuses as text[])) and filing.created_at < :before
  and exists (select from person_key k
    where k.filing_id = filing.id and k.ref is not null and k.wrapped is not null)
  and not exists (select from person_key k
    where k.filing_id = filing.id and k.ref is not null and k.sealed_at >= :before)
  and not exists (select from review r where r.filing_id = filing.id and r.at >= :before)
  and not exists (
    select from work_item w where w.filing_id = filing.id and w.ended_at >= :before)
"""
_GONE = """
  member.left_on < :before and not exists (
    select from person_key k
    where k.member_id = member.id and k.filing_id is null and k.wrapped is null)
"""
_OVERDUE = text(f"select id from filing where {_UNTOUCHED} order by id limit :limit")  # noqa: S608
_STILL = text(f"select exists (select from filing where id = :id and {_UNTOUCHED})")  # noqa: S608
_LEFT = text(f"select id from member where {_GONE} order by id limit :limit")  # noqa: S608
_OLD = text("select id from data_access where at < :before order by at limit :limit")
_TELL_TIME = text("select set_config('mboolo.now', :now, true)")
_FORGET_ACCESSES = text(
    "with old as (select id from data_access where at < :before order by at limit :limit)"
    " delete from data_access where id in (select id from old)"
)
_COUNTS = {
    **dict.fromkeys(FILES, text(f"select count(*) from filing where {_UNTOUCHED}")),  # noqa: S608
    "MEMBER_AFTER_EXIT": text(f"select count(*) from member where {_GONE}"),  # noqa: S608
    "ACCESS_LOG": text("select count(*) from data_access where at < :before"),
}
_PATIENT = text("set local statement_timeout = 0")


async def days_of(session: AsyncSession, code: str) -> int:
    """The days of a period."""
    found = await session.get(RetentionRule, code)
    if found is None:
        raise LookupError(f"no period is called {code}: was the reference data loaded?")
    return found.days


async def rules(session: AsyncSession) -> Sequence[RetentionRule]:
    """Every period."""
    return (await session.exec(select(RetentionRule).order_by(col(RetentionRule.code)))).all()


class Overdue:
    """What is past its time at a moment."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def filings(self, code: str, before: datetime, limit: int) -> list[UUID]:
        """Files of one period that nobody touched since."""
        row = {"statuses": FILES[code], "before": before, "limit": limit}
        return list((await run(self.session, _OVERDUE, row)).scalars())

    async def is_overdue(self, id: UUID, code: str, before: datetime) -> bool:
        """Whether the file still is, now that nobody else can touch it."""
        row = {"id": id, "statuses": FILES[code], "before": before}
        return bool((await run(self.session, _STILL, row)).scalar_one())

    async def members(self, before: date, limit: int) -> list[UUID]:
        """Members who left before that day and are still known."""
        found = await run(self.session, _LEFT, {"before": before, "limit": limit})
        return list(found.scalars())

    async def forget_accesses(self, before: datetime, limit: int) -> int:
        """Delete the oldest records of access; how many."""
        await run(self.session, _TELL_TIME, {"now": clock.now().isoformat()})
        return await count(self.session, _FORGET_ACCESSES, {"before": before, "limit": limit})

    async def count(self, code: str, before: datetime) -> int | None:
        """How much is past its time; None where nothing is ever deleted."""
        if code not in _COUNTS:
            return None
        await run(self.session, _PATIENT, {})
        row: dict[str, object] = {"before": before}
        if code == "MEMBER_AFTER_EXIT":
            row = {"before": before.date()}
        elif code in FILES:
            row |= {"statuses": FILES[code]}
        return int((await run(self.session, _COUNTS[code], row)).scalar_one())
