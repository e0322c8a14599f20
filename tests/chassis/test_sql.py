"""Plain SQL is said to the driver: in the session's own transaction, and it fails as all else."""

import asyncio
import sys
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    MultipleResultsFound,
    NoResultFound,
    PendingRollbackError,
)
from sqlmodel import select

from chassis import clock
from chassis.answers import is_passing
from chassis.db import AsyncSession
from chassis.ids import new_id
from chassis.rows import by_id, load
from chassis.sql import count, run, write
from tests.chassis.village.life import Village
from tests.chassis.village.notes import Note, Promise, Status

_PROMISE = text("insert into promise values (gen_random_uuid(), :words)")
_PID = text("select pg_backend_pid()")
_FIRST_ACT = """
import asyncio, sys
from types import SimpleNamespace
from chassis.db import Database, create_engine
from chassis.rows import by_id, load
from tests.chassis.village.notes import Note

async def main():
    settings = SimpleNamespace(database_url=sys.argv[1], pool_size=1)
    async with Database(create_engine(settings)).transaction() as session:
        note = await load(session, by_id(Note), sys.argv[2])
        note.title = "after"

asyncio.run(main())
"""
_WORDS = text("select words, length(words) as long from promise order by words")


async def promise(session: AsyncSession, words: str) -> None:
    await run(session, _PROMISE, {"words": words})


async def promised(village: Village) -> list[str]:
    return [
        row["words"] for row in await village.told.fetch("select words from promise order by 1")
    ]


async def test_both_ways_are_one_transaction(village: Village) -> None:
    with pytest.raises(ZeroDivisionError):
        async with village.database.transaction() as session:
            await promise(session, "plain")
            assert (await session.exec(select(Promise.words))).all() == ["plain"]
            session.add(Promise(id=new_id(), words="mapped"))
            await session.flush()
            assert (await run(session, _WORDS, {})).scalars() == ["mapped", "plain"]
            raise ZeroDivisionError
    assert await promised(village) == []


async def test_a_savepoint_takes_both_back(village: Village) -> None:
    async with village.database.transaction() as session:
        await promise(session, "before")
        point = await session.begin_nested()
        await promise(session, "plain")
        session.add(Promise(id=new_id(), words="mapped"))
        await point.rollback()
        await promise(session, "after")
    assert await promised(village) == ["after", "before"]


async def test_a_connection_is_known_no_longer_than_its_transaction(village: Village) -> None:
    async with village.database.transaction() as session:
        await promise(session, "lost")
        before = (await run(session, _PID, {})).scalar_one()
        await session.rollback()
        for _ in range(100):  # the pool hands its connections out in turn
            async with village.database.transaction() as other:
                if (await run(other, _PID, {})).scalar_one() == before:
                    assert (await run(session, _PID, {})).scalar_one() != before
                    await promise(session, "kept")
                    break
    assert await promised(village) == ["kept"]


async def test_rows_are_asked_in_every_usual_way(village: Village) -> None:
    async with village.database.transaction() as session:
        assert (await run(session, _WORDS, {})).first() is None
        assert (await run(session, _WORDS, {})).scalar_one_or_none() is None
        with pytest.raises(NoResultFound):
            (await run(session, _WORDS, {})).one()
        await promise(session, "a")
        row = (await run(session, _WORDS, {})).one()
        assert (row.words, row[1], row["long"], dict(row)) == ("a", 1, 1, {"words": "a", "long": 1})
        with pytest.raises(AttributeError):
            _ = row.wide
        await promise(session, "b")
        with pytest.raises(MultipleResultsFound):
            (await run(session, _WORDS, {})).one_or_none()
        gone = text("delete from promise where words > :least")
        assert [await count(session, gone, {"least": least}) for least in ("a", "a", "")] == [
            1,
            0,
            1,
        ]


async def test_what_breaks_a_constraint_says_which_and_quotes_nothing(village: Village) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with village.database.transaction() as session:
            note = Note(id=new_id(), shelf="s", title="secret", written_at=clock.now())
            await write(session, note)
            await write(session, note)
    cause: Any = caught.value.orig.__cause__ if caught.value.orig else None
    assert cause.constraint_name == "pk_note"
    assert str(note.id) not in str(caught.value)
    assert not is_passing(caught.value)


async def test_a_row_that_is_written_is_whole(village: Village) -> None:
    note = Note(id=new_id(), shelf="s", title="t", status=Status.CLOSED, written_at=clock.now())
    async with village.database.transaction() as session:
        await write(session, note)
    async with village.database.transaction() as session:
        found = await session.get(Note, note.id)
    assert found is not None
    assert found.model_dump() == note.model_dump()


async def test_a_connection_that_is_lost_is_a_passing_trouble(village: Village) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with village.database.transaction() as session:
            await run(session, text("select pg_terminate_backend(pg_backend_pid())"), {})
    assert is_passing(caught.value)
    async with village.database.transaction() as session:
        await promise(session, "after")
    assert await promised(village) == ["after"]


async def test_a_connection_that_is_lost_before_anything_was_said_is_one_too(
    village: Village,
) -> None:
    """The database may go between the moment a session gets its connection and its first word."""
    with pytest.raises(DBAPIError) as caught:
        async with village.database.transaction() as session:
            raw = await (await session.connection()).get_raw_connection()
            pid = raw.driver_connection.get_server_pid()  # type: ignore[union-attr]
            await village.told.fetch("select pg_terminate_backend($1, 5000)", pid)
            await run(session, _PID, {})
    assert is_passing(caught.value)
    async with village.database.transaction() as session:
        await promise(session, "after")
    assert await promised(village) == ["after"]


async def test_who_finds_a_dead_connection_in_the_pool_gets_another(village: Village) -> None:
    async with village.database.transaction() as session:
        pid = (await run(session, _PID, {})).scalar_one()
    await village.told.fetch("select pg_terminate_backend($1, 5000)", pid)
    await asyncio.sleep(0.1)  # until the loop has read the end of it
    async with village.database.transaction() as session:
        assert (await run(session, _PID, {})).scalar_one() != pid


async def test_a_row_that_was_loaded_is_an_object_of_the_session(village: Village) -> None:
    id = await village.write("before")
    query = by_id(Note)
    async with village.database.transaction() as session:
        note = await load(session, query, id)
        assert note is not None
        assert (note.status, note.version) == (Status.OPEN, 1)
        assert type(note.status) is Status
        assert note is await session.get(Note, id)
        note.title, note.status = "after", Status.CLOSED
        assert note is await load(session, query, id)
    async with village.database.transaction() as session:
        again = await session.get(Note, id)
        assert again is not None
        assert again.model_dump() == note.model_dump()
        assert (again.title, again.status) == ("after", Status.CLOSED)
        assert await load(session, by_id(Note, Note.title == "before"), id) is None
        assert await load(session, query, new_id()) is None


async def test_to_load_may_be_the_first_that_a_process_does(village: Village) -> None:
    id = await village.write("before")
    url = village.teller.state.settings.database_url
    first = await asyncio.create_subprocess_exec(sys.executable, "-c", _FIRST_ACT, url, str(id))
    assert await first.wait() == 0
    assert [row["title"] for row in await village.told.fetch("select title from note")] == ["after"]


async def test_what_another_wrote_meanwhile_is_seen_by_who_loads_anew(village: Village) -> None:
    id = await village.write("before")
    async with village.database.transaction() as session:
        note = await session.get(Note, id)
        assert note is not None
        await village.amend(id, "meanwhile")
        assert note.title == "before"
        assert await load(session, by_id(Note, is_locked=True), id) is note
        assert (note.title, note.version) == ("meanwhile", 2)
        assert not session.dirty


async def test_nothing_more_is_said_after_a_flush_that_failed(village: Village) -> None:
    id = await village.write()
    with pytest.raises(PendingRollbackError):
        async with village.database.transaction() as session:
            await promise(session, "before")
            session.add(Note(id=id, shelf="s", title="twice", written_at=clock.now()))
            with pytest.raises(IntegrityError):
                await session.flush()
            await promise(session, "after")
    assert await promised(village) == []
