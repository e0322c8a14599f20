"""The teller: keeps notes, and tells of each change."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic_settings import SettingsConfigDict

from chassis.app import Service
from chassis.auth import Caller, Visitor, requires
from chassis.bodies import Json
from chassis.db import Session
from chassis.idempotency import Act
from chassis.ids import new_id
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.settings import Settings
from chassis.versions import IfMatch, etag, expect
from tests.chassis.village.notes import (
    LIFE,
    Move,
    NoteClosed,
    NoteRead,
    Notes,
    NoteWrite,
    Promise,
    amend,
    metadata,
    outbox,
    write,
)

router = APIRouter(prefix="/v1")
Writer = Annotated[Caller, Depends(requires("notes:write"))]


class TellerSettings(Settings):
    """Environment variables that begin with `TELLER_`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="TELLER_")


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
