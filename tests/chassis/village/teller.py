"""The teller: keeps notes, and tells of each change."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import SettingsConfigDict
from sqlalchemy import DateTime, MetaData, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field as Stored
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.app import Service
from chassis.auth import Caller, Visitor, requires
from chassis.bodies import Incoming, Json
from chassis.db import NAMING, Session, hold, text_enum
from chassis.errors import NotFound
from chassis.events import Event, Outbox
from chassis.idempotency import Act
from chassis.ids import new_id
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.repository import Repository
from chassis.settings import Settings
from chassis.states import Machine
from chassis.tables import service_metadata
from chassis.versions import IfMatch, etag, expect

metadata = MetaData(naming_convention=NAMING)
service_metadata(metadata)
outbox = Outbox({"note": ("hearer",), "secret": ()})
router = APIRouter(prefix="/v1")
Writer = Annotated[Caller, Depends(requires("notes:write"))]


class TellerSettings(Settings):
    """Environment variables that begin with `TELLER_`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="TELLER_")


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


@router.post("/notes", status_code=201, response_model=NoteRead)
async def write_note(
    session: Session, by: Writer, act: Act, wish: Annotated[NoteWrite, Json(NoteWrite)]
) -> Response:
    """Write a note."""
    note = await write(session, wish)
    headers = {"Location": f"/v1/notes/{note.id}", "ETag": etag(1)}
    return await act.answer(201, NoteRead.model_validate(note), headers=headers)


@router.post("/notes/{id}/amendments", status_code=201, response_model=NoteRead)
async def amend_note(
    session: Session, by: Writer, id: PathId, act: Act, wish: Annotated[NoteWrite, Json(NoteWrite)]
) -> Response:
    """Amend a note, whatever its version."""
    note = await amend(session, id, wish.title)
    return await act.answer(
        201, NoteRead.model_validate(note), headers={"ETag": etag(note.version)}
    )


@router.post("/notes/{id}/closings", status_code=201, response_model=NoteRead)
async def close_note(session: Session, by: Writer, id: PathId, act: Act) -> Response:
    """Close a note."""
    note = await Notes(session).lock(id)
    note.status = LIFE.move(note.status, Move.CLOSE)
    note.version += 1
    outbox.publish(session, id, NoteClosed())
    return await act.answer(201, NoteRead.model_validate(note))


@router.put("/notes/{id}")
async def replace_note(  # noqa: PLR0917 - the order of parameters is the order of checks
    session: Session,
    by: Writer,
    id: PathId,
    wish: Annotated[NoteWrite, Json(NoteWrite)],
    version: IfMatch,
    response: Response,
) -> NoteRead:
    """Amend a note that the caller has read."""
    expect(version, (await Notes(session).get(id)).version)
    note = await amend(session, id, wish.title)
    response.headers["ETag"] = etag(note.version)
    return NoteRead.model_validate(note)


@router.get("/notes")
async def list_notes(
    session: Session, by: Writer, window: List, response: Response, shelf: str = "s"
) -> Page[NoteRead]:
    """The notes of a shelf, oldest first."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Notes(session).on_shelf(shelf, after, window.limit)
    reads = [NoteRead.model_validate(row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/notes/{id}")
async def read_note(session: Session, visitor: Visitor, id: PathId) -> NoteRead:
    """One note, for anyone."""
    return NoteRead.model_validate(await Notes(session).get(id))


@router.post("/promises", status_code=201, response_model=NoteWrite)
async def promise(
    session: Session, by: Writer, act: Act, wish: Annotated[NoteWrite, Json(NoteWrite)]
) -> Response:
    """Promise `copies` times; more than once breaks a rule that is checked at the commit."""
    for _ in range(wish.copies):
        session.add(Promise(id=new_id(), words=wish.title))
    return await act.answer(201, wish)


@router.get("/naps")
async def nap(request: Request, seconds: float = 0.1) -> dict[str, bool]:
    """Keep a connection of the hot reads busy."""
    row = await request.app.state.reads.fetchrow("select pg_sleep($1)", seconds)
    return {"is_rested": row is not None}


@router.get("/slow-acts")
async def slow_act(session: Session, visitor: Visitor, shelf: str) -> None:
    """Answers only after a pause, and not at all to who leaves."""
    await asyncio.sleep(30)
    raise NotFound()


@router.get("/crashes")
async def crash() -> None:
    """A defect."""
    raise ZeroDivisionError("secret of the house")


def define(settings: Settings) -> Service:
    """What the teller is."""
    return Service(
        name="teller",
        title="Teller",
        settings=settings,
        routers=[router],
        folder=Path(__file__).parent,
        metadata=metadata,
        outbox=outbox,
    )
