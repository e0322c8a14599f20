"""Notes: their tables, their life, what is told of them, and what can be done with them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, MetaData, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field as Stored
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.bodies import Incoming
from chassis.db import NAMING, hold, text_enum
from chassis.events import Event, Outbox
from chassis.ids import new_id
from chassis.repository import Repository
from chassis.states import Machine
from chassis.tables import service_metadata

metadata = MetaData(naming_convention=NAMING)
service_metadata(metadata)
outbox = Outbox({"note": ("hearer",), "secret": ()})


class Status(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Move(StrEnum):
    CLOSE = "CLOSE"
    REOPEN = "REOPEN"


LIFE = Machine[Status, Move](
    {
        Move.CLOSE: ({Status.OPEN}, Status.CLOSED),
        Move.REOPEN: ({Status.CLOSED}, Status.OPEN),
    }
)


class Table(SQLModel, registry=registry(metadata=metadata)):
    """Every table of the teller descends from here."""

    metadata = metadata


class Note(Table, table=True):
    """A note on a shelf."""

    id: UUID = Stored(primary_key=True)
    shelf: str = Stored(index=True)
    title: str
    status: Status = Stored(default=Status.OPEN, sa_type=text_enum(Status))
    version: int = 1
    written_at: datetime = Stored(sa_type=DateTime(timezone=True))


class Promise(Table, table=True):
    """Words that may be promised once; the database only says so at the commit."""

    __table_args__ = (UniqueConstraint("words", deferrable=True, initially="DEFERRED"),)

    id: UUID = Stored(primary_key=True)
    words: str


class NoteWritten(Event):
    """A note was written."""

    kind: ClassVar[str] = "teller.note.written"
    about: ClassVar[str] = "note"

    title: str
    version: int


class NoteAmended(NoteWritten):
    """A note was amended."""

    kind: ClassVar[str] = "teller.note.amended"


class NoteClosed(Event):
    """A note was closed; nobody has an effect for this."""

    kind: ClassVar[str] = "teller.note.closed"
    about: ClassVar[str] = "note"


class NoteWrite(Incoming):
    """What writers send."""

    title: str = Field(min_length=1, max_length=20_000)
    shelf: str = Field(default="s", max_length=80)
    copies: int = Field(default=1, ge=1, le=1000)


class NoteRead(BaseModel):
    """What readers see."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    shelf: str
    title: str
    status: Status
    version: int


class Notes(Repository[Note]):
    """All notes."""

    model = Note
    aggregate = "note"

    async def on_shelf(self, shelf: str, after: UUID | None, limit: int) -> Sequence[Note]:
        """Notes of a shelf after the one with id `after`, one more than `limit`."""
        found = select(Note).where(col(Note.shelf) == shelf)
        if after is not None:
            found = found.where(col(Note.id) > after)
        return (await self.session.exec(found.order_by(col(Note.id)).limit(limit + 1))).all()


async def write(session: AsyncSession, wish: NoteWrite) -> Note:
    """A new note, told."""
    id = new_id()
    await hold(session, f"note/{id}")
    note = Note(id=id, shelf=wish.shelf, title=wish.title, written_at=clock.now())
    session.add(note)
    outbox.publish(session, id, NoteWritten(title=wish.title, version=1))
    return note


async def amend(session: AsyncSession, id: UUID, title: str) -> Note:
    """The note under another title, told."""
    note = await Notes(session).lock(id)
    note.title, note.version = title, note.version + 1
    outbox.publish(session, id, NoteAmended(title=title, version=note.version))
    return note
