"""One request, one transaction, committed before the first byte of its answer."""

import asyncio
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.answers import is_passing
from chassis.ids import new_id
from chassis.migrations import make_append_only
from chassis.sql import run
from tests.chassis.village.life import Village
from tests.chassis.village.notes import NoteWrite, Promise, write
from tests.town import Identity, problem


async def visible_at_first_byte(village: Village) -> tuple[int, int]:
    token = village.town.token(Identity(scope="notes:write"), "teller")
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/notes",
        "query_string": b"",
        "headers": [
            (b"content-type", b"application/json"),
            (b"idempotency-key", b"k"),
            (b"authorization", f"Bearer {token}".encode()),
        ],
    }
    seen: list[tuple[int, int]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b'{"title": "a"}', "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            [row] = await village.told.fetch("select count(*) from note")
            seen.append((message["status"], row["count"]))

    await village.teller(scope, receive, send)
    return seen[0]


async def test_the_commit_comes_before_the_answer(village: Village) -> None:
    assert await visible_at_first_byte(village) == (201, 1)


async def test_a_constraint_that_fails_at_the_commit_answers_its_name(village: Village) -> None:
    async with village.client() as client:
        answer = await client.post("/v1/promises", json={"title": "a", "copies": 2})
    assert answer.status_code == 409
    assert problem(answer)["code"] == "PROMISE_TWICE"
    assert await village.told.fetch("select 1 from promise") == []
    assert await village.told.fetch("select 1 from idempotency") == []


async def test_what_fails_says_nothing_and_rings_nobody(village: Village) -> None:
    bell = asyncio.Event()
    village.database.bells.append(bell)
    with pytest.raises(ZeroDivisionError):
        await fail_after_writing(village)
    with pytest.raises(IntegrityError):
        await fail_at_the_commit(village)
    village.database.bells.remove(bell)
    assert not bell.is_set()
    assert await village.told.fetch("select 1 from note union all select 1 from event_log") == []


async def fail_after_writing(village: Village) -> None:
    async with village.database.transaction() as session:
        await write(session, NoteWrite(title="a"))
        raise ZeroDivisionError


async def fail_at_the_commit(village: Village) -> None:
    async with village.database.transaction() as session:
        await write(session, NoteWrite(title="a"))
        session.add_all(Promise(id=new_id(), words="same") for _ in range(2))


async def test_the_bell_rings_after_the_commit(village: Village) -> None:
    bell = asyncio.Event()
    village.database.bells.append(bell)
    async with village.database.transaction() as session:
        await write(session, NoteWrite(title="a"))
        await session.flush()
        assert not bell.is_set()
    village.database.bells.remove(bell)
    assert bell.is_set()


async def test_a_full_house_answers_unavailable_within_a_second(village: Village) -> None:
    size = village.teller.state.settings.pool_size
    connections = [await village.database.engine.connect() for _ in range(size)]
    async with village.client() as client:
        began = asyncio.get_running_loop().time()
        refused = await client.get("/v1/notes")
        took = asyncio.get_running_loop().time() - began
        for connection in connections:
            await connection.close()
        served = await client.get("/v1/notes")
    assert refused.status_code == 503
    assert problem(refused)["code"] == "DATABASE_UNAVAILABLE"
    assert refused.headers["retry-after"] == "1"
    assert took < 20
    assert served.status_code == 200


async def test_a_statement_that_waits_too_long_for_a_lock_is_unavailable(village: Village) -> None:
    id = await village.write()
    async with village.database.transaction() as session:
        await run(session, text("set local lock_timeout = '50ms'"), {})
        async with village.stranger() as other, other.transaction():
            await other.execute("select 1 from note for update")
            with pytest.raises(DBAPIError) as late:
                await run(session, text("select 1 from note for update"), {})
        await session.rollback()
    assert is_passing(late.value), id


@pytest.mark.parametrize(
    "change",
    ["update event_log set type = 'y'", "delete from event_log", "truncate event_log"],
)
async def test_what_is_append_only_refuses_any_change(village: Village, change: str) -> None:
    await village.write()
    async with village.database.engine.connect() as connection:
        await connection.run_sync(protect)
        await connection.execute(
            text(
                "insert into event_log (id, aggregate, seq, type, time, data,"
                " is_public) values (gen_random_uuid(), 'note/p', 1, 'x', now(), '{}', false)"
            )
        )
        with pytest.raises(DBAPIError, match="event_log is append-only"):
            await connection.execute(text(change))
        await connection.rollback()


def protect(connection: Connection) -> None:
    make_append_only(Operations(MigrationContext.configure(connection)), ["event_log"])
