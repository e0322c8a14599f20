"""The hearer: writes down every effect, in order, so that a loss or a double can be seen."""

from pathlib import Path
from uuid import UUID

from fastapi import APIRouter
from pydantic_settings import SettingsConfigDict
from sqlalchemy import BigInteger, Column, Identity, MetaData, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field as Stored
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.app import Service
from chassis.db import NAMING
from chassis.errors import NotYetKnown
from chassis.events import Outbox
from chassis.inbox import Fact
from chassis.settings import Settings
from chassis.sql import run
from chassis.tables import service_metadata

metadata = MetaData(naming_convention=NAMING)
service_metadata(metadata)


class HearerSettings(Settings):
    """Environment variables that begin with `HEARER_`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="HEARER_")


class Table(SQLModel, registry=registry(metadata=metadata)):
    """Every table of the hearer descends from here."""

    metadata = metadata


class Effect(Table, table=True):
    """One effect; nothing here forbids a second one of the same event."""

    id: int | None = Stored(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    event_id: UUID
    aggregate: str = Stored(index=True)
    seq: int
    title: str
    version: int


class Antidote(Table, table=True):
    """Titles that can no longer hurt."""

    title: str = Stored(primary_key=True)


class Doubt(Table, table=True):
    """Rows that the database only refuses at the commit."""

    __table_args__ = (UniqueConstraint("words", deferrable=True, initially="DEFERRED"),)

    id: int | None = Stored(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    words: str


_CURED = text("select 1 from antidote where title = :title")
_EFFECT = text(
    "insert into effect (event_id, aggregate, seq, title, version)"
    " values (:id, :aggregate, :seq, :title, :version)"
)
_DOUBT = text("insert into doubt (words) values ('same'), ('same')")


async def note_changed(session: AsyncSession, fact: Fact) -> None:
    """Remember the change; a title that begins with `poison` makes this fail."""
    row = {"id": fact.id, "aggregate": fact.subject, "seq": fact.resourceversion}
    title, version = str(fact.data["title"]), int(fact.data["version"])
    await run(session, _EFFECT, {**row, "title": title, "version": version})
    if title.startswith("poison"):
        cured = await run(session, _CURED, {"title": title})
        if cured.first() is None:
            await _fail(session, title)


async def _fail(session: AsyncSession, title: str) -> None:
    if title == "poison:database":
        await run(session, text("select 1 / 0"), {})
    elif title == "poison:deferred":
        await run(session, _DOUBT, {})
    else:
        raise _POISONS[title]


_POISONS: dict[str, Exception] = {
    "poison:value": ValueError("no"),
    "poison:lookup": KeyError("no"),
    "poison:type": TypeError("no"),
    "poison:refusal": NotYetKnown(subject="no"),
    "poison:defect": ZeroDivisionError("no"),
}


def define(settings: Settings) -> Service:
    """What the hearer is."""
    return Service(
        name="hearer",
        title="Hearer",
        settings=settings,
        routers=[APIRouter()],
        folder=Path(__file__).parent,
        metadata=metadata,
        outbox=Outbox({}),
        hears={
            "sn.mboolo.teller.note.written.v1": note_changed,
            "sn.mboolo.teller.note.amended.v1": note_changed,
        },
    )
