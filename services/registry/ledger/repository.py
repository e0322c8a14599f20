"""Numbers given and lines written."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from chassis.owners import nearby
from chassis.sql import run, write
from services.registry.grounds import SQL, digest
from services.registry.ledger.models import EntryKind, LedgerEntry

_NEXT = text(
    "insert into counter (name, value) values (:name, 1)"
    " on conflict (name) do update set value = counter.value + 1 returning value"
)


async def next_number(session: AsyncSession, name: str) -> int:
    """The next number of `name`; nobody else gets one of it before this transaction ends."""
    return int((await run(session, _NEXT, {"name": name})).scalar_one())


_NEXT_FEW = text(
    "insert into counter (name, value) values (:name, :count)"
    " on conflict (name) do update set value = counter.value + :count returning value"
)


async def next_numbers(session: AsyncSession, name: str, count: int) -> range:
    """The next `count` numbers of `name`, as if each had been asked for alone."""
    last = int((await run(session, _NEXT_FEW, {"name": name, "count": count})).scalar_one())
    return range(last - count + 1, last + 1)


_GROUNDS = text(SQL + "where d.filing_id = any(:ids)")


async def grounds_of(session: AsyncSession, filings: Collection[UUID]) -> dict[UUID, str]:
    """The digests of what the decisions on these filings stand on; all of it is written already."""
    rows = await run(session, _GROUNDS, {"ids": list(filings)})
    return {row.filing_id: digest(row.grounds) for row in rows}


class Ledger:
    """The arrival register."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def write(self, entry: LedgerEntry) -> None:
        """Add a line."""
        await write(self.session, entry)

    async def arrival_of(self, filing_id: UUID) -> LedgerEntry | None:
        """The line of a filing's arrival, if it has arrived."""
        query = select(LedgerEntry).where(
            LedgerEntry.filing_id == filing_id, LedgerEntry.kind == EntryKind.ARRIVAL
        )
        return (await self.session.exec(query)).one_or_none()

    async def in_view(
        self, caller: Caller, after: Sequence[Any] | None, limit: int
    ) -> Sequence[LedgerEntry]:
        """Lines of the authorities in the caller's territory, in the order of their recording."""
        query = select(LedgerEntry).where(nearby(caller, col(LedgerEntry.path)))
        if after is not None:
            query = query.where(col(LedgerEntry.pos) > after[0])
        return (
            await self.session.exec(query.order_by(col(LedgerEntry.pos)).limit(limit + 1))
        ).all()
