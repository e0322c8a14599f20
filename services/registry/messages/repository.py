"""Messages, found and kept."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, text, true
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run
from services.registry.messages.models import Message, ReadMark, Side

_MARK = text(
    "insert into read_mark (filing_id, reader_sub, side, message_id, at)"
    " values (:filing_id, :sub, :side, :message_id, :at)"
    " on conflict (filing_id, reader_sub) do update set message_id = excluded.message_id,"
    " side = excluded.side, at = excluded.at where read_mark.message_id < excluded.message_id"
)


def _shown_to(side: Side) -> ColumnElement[bool]:
    return true() if side == Side.AGENTS else col(Message.is_internal).is_(False)


class Messages:
    """What was written about filings."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_filing(
        self, filing_id: UUID, side: Side, after: UUID | None, limit: int
    ) -> Sequence[Message]:
        """Those of one filing that a side may see, oldest first; one more than `limit`."""
        query = select(Message).where(Message.filing_id == filing_id, _shown_to(side))
        if after is not None:
            query = query.where(col(Message.id) > after)
        return (await self.session.exec(query.order_by(col(Message.id)).limit(limit + 1))).all()

    async def one(self, filing_id: UUID, id: UUID, side: Side) -> Message | None:
        """One message of a filing, if the side may see it."""
        query = select(Message).where(
            Message.filing_id == filing_id, Message.id == id, _shown_to(side)
        )
        return (await self.session.exec(query)).one_or_none()

    async def count(self, filing_id: UUID) -> int:
        """How many were written about a filing."""
        query = select(func.count()).where(col(Message.filing_id) == filing_id)
        return (await self.session.exec(query)).one()

    async def read_through(self, filing_id: UUID) -> Mapping[Side, UUID]:
        """The last message that anybody of each side has read."""
        query = (
            select(col(ReadMark.side), col(ReadMark.message_id))
            .where(ReadMark.filing_id == filing_id)
            .order_by(col(ReadMark.message_id))
        )
        rows: Sequence[tuple[Side, UUID]] = (await self.session.exec(query)).all()
        return dict(rows)

    async def mark(self, message: Message, sub: str, side: Side) -> None:
        """Somebody has read up to a message; an older mark changes nothing."""
        row = {"filing_id": message.filing_id, "message_id": message.id, "sub": sub}
        await run(self.session, _MARK, {**row, "side": side.value, "at": clock.now()})

    async def unread(self, filing_id: UUID, sub: str, side: Side) -> int:
        """How many messages of the other side one person has not read."""
        query = (
            select(func.count())
            .select_from(Message)
            .outerjoin(
                ReadMark,
                and_(
                    col(ReadMark.filing_id) == col(Message.filing_id),
                    col(ReadMark.reader_sub) == sub,
                ),
            )
            .where(Message.filing_id == filing_id, Message.side != side, _shown_to(side))
            .where(
                or_(
                    col(ReadMark.message_id).is_(None),
                    col(Message.id) > col(ReadMark.message_id),
                )
            )
        )
        return (await self.session.exec(query)).one()

    def add(self, message: Message) -> Message:
        """Remember a new one."""
        self.session.add(message)
        return message
