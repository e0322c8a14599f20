"""An aggregate is held before anything is written, so that its order is the order of commits."""

import asyncio

import pytest
from sqlalchemy import text

from chassis.db import hold
from chassis.sql import run
from tests.chassis.village.life import Village
from tests.chassis.village.notes import NoteAmended, Notes, outbox


async def test_nothing_is_said_about_what_is_not_held(village: Village) -> None:
    async with village.database.transaction() as session:
        with pytest.raises(RuntimeError, match="hold note/a before"):
            outbox.publish(session, "a", NoteAmended(title="x", version=1))


async def test_holding_after_a_write_is_refused(village: Village) -> None:
    async with village.database.transaction() as session:
        await run(session, text("insert into promise values (gen_random_uuid(), 'w')"), {})
        with pytest.raises(RuntimeError, match="before the first write"):
            await hold(session, "note/a")


async def test_holding_after_a_row_lock_is_refused(village: Village) -> None:
    await village.write()
    async with village.database.transaction() as session:
        await run(session, text("select 1 from note for update"), {})
        with pytest.raises(RuntimeError, match="before the first write"):
            await hold(session, "note/a")


async def test_holding_after_an_unwritten_change_is_refused(village: Village) -> None:
    id = await village.write()
    async with village.database.transaction() as session:
        note = await Notes(session).get(id)
        note.title = "changed, but not yet written"
        with pytest.raises(RuntimeError, match="before the first write"):
            await hold(session, f"note/{id}")


async def test_what_is_held_already_may_be_held_again(village: Village) -> None:
    id = await village.write()
    async with village.database.transaction() as session:
        await Notes(session).lock(id)
        await hold(session, f"note/{id}")


async def test_who_waits_for_an_aggregate_has_no_transaction_id_yet(village: Village) -> None:
    id = await village.write()
    async with village.database.transaction() as session:
        await hold(session, f"note/{id}")
        waiting = asyncio.create_task(village.amend(id, "after"))
        await village.until_waiting()
        rows = await village.told.fetch(
            "select backend_xid from pg_stat_activity"
            " where datname = current_database() and wait_event = 'advisory'"
        )
    await waiting
    assert [row["backend_xid"] for row in rows] == [None]


async def test_the_order_of_an_aggregate_is_the_order_of_transaction_ids(village: Village) -> None:
    notes = [await village.write() for _ in range(3)]

    async def writer(turn: int) -> None:
        for step in range(25):
            await village.amend(notes[(turn + step) % 3])

    await asyncio.gather(*(writer(turn) for turn in range(6)))
    rows = await village.told.fetch(
        "select aggregate, array_agg(seq order by xid, pos) as seqs from event_log group by 1"
    )
    assert [row["seqs"] for row in rows] == [list(range(1, 52))] * 3


async def test_several_aggregates_are_held_at_once(village: Village) -> None:
    async with village.database.transaction() as session:
        await hold(session, "note/a", "note/b", "note/a")
        [row] = await village.told.fetch(
            "select count(*) from pg_locks where locktype = 'advisory' and granted and database ="
            " (select oid from pg_database where datname = current_database())"
        )
        assert row["count"] == 2


async def test_the_engine_ends_sessions_that_would_stall_everybody(village: Village) -> None:
    names = ("idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout")
    async with village.database.transaction() as session:
        limits = [(await run(session, text(f"show {name}"), {})).scalar_one() for name in names]
    assert limits == ["15s", "10s", "5s"]


async def test_the_reads_end_sessions_that_would_stall_everybody(village: Village) -> None:
    names = ("idle_in_transaction_session_timeout", "statement_timeout")
    limits = [(await village.told.fetch(f"show {name}"))[0][0] for name in names]
    assert limits == ["15s", "10s"]
