"""Traps that cost other outboxes their promises. Each test fails when its guard is taken away."""

import asyncio
import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from chassis.db import hold
from chassis.events import Outbox, flush_events
from chassis.inbox import Fact, hear
from chassis.lanes import ACK, CLAIM
from chassis.serve import open_lanes
from tests.chassis.village.life import Village
from tests.chassis.village.notes import NoteAmended, NoteClosed, amend, outbox
from tests.town import Town


async def test_an_acknowledgement_does_not_lose_the_wake_up_of_a_writer(village: Village) -> None:
    id = await village.write("un")
    async with village.database.transaction() as session:
        await amend(session, id, "deux")
        await flush_events(session)
        acknowledged = asyncio.create_task(village.told.fetch(ACK, "hearer", [f"note/{id}"], [1]))
        await village.until_waiting()
    await acknowledged
    lane = await village.lane(id)
    assert (lane["head"], lane["tail"]) == (2, 2)
    assert lane["due"] is not None, "an event would wait for ever"


async def test_a_claim_finds_due_lanes_by_their_index(village: Village) -> None:
    await village.backlog("many", lanes=3000)
    await village.told.fetch("analyze event_lane")
    rows = await village.told.fetch(f"explain {CLAIM}", "hearer", 5.0)
    plan = "\n".join(row[0] for row in rows)
    assert re.search(r"ix_event_lane_due .*\n\s+Index Cond: .*due <= statement_timestamp", plan), (
        plan
    )


async def test_lanes_are_vacuumed_before_their_index_grows(village: Village, town: Town) -> None:
    houses = {"teller": village.teller, **town.apps}
    wanted = {"fillfactor=70", "autovacuum_vacuum_scale_factor=0.02"}
    missing = {name: wanted - await options_of_lanes(app) for name, app in houses.items()}
    assert missing == {name: set() for name in houses}


async def options_of_lanes(app: FastAPI) -> set[str]:
    [row] = await app.state.reads.fetch(
        "select reloptions from pg_class where relname = 'event_lane' and relkind = 'r'"
    )
    return set(row["reloptions"] or ())


async def test_who_subscribes_late_hears_the_whole_life(village: Village) -> None:
    id = await village.write("un")
    await village.amend(id, "deux")
    await village.told.fetch("delete from event_lane")  # nobody had subscribed yet
    await village.amend(id, "trois")
    await village.carry()
    assert await village.effects(id) == [(1, "un"), (2, "deux"), (3, "trois")]


async def test_who_subscribes_late_hears_of_what_has_fallen_silent(village: Village) -> None:
    silent = await village.write("un")
    await village.amend(silent, "deux")
    known = await village.write("seul")
    await village.carry()
    await village.told.fetch("delete from event_lane where aggregate = $1", f"note/{silent}")
    async with village.stranger() as connection:
        for _ in range(2):  # once for each deployment
            await open_lanes(village.teller.state.service, connection)
    lanes = await village.told.fetch("select aggregate, head, tail, due from event_lane")
    by_name = {row["aggregate"]: (row["head"], row["tail"]) for row in lanes}
    assert by_name == {f"note/{silent}": (1, 2), f"note/{known}": (2, 1)}
    assert [row["aggregate"] for row in lanes if row["due"]] == [f"note/{silent}"]


async def test_what_nobody_listens_to_opens_no_lane(village: Village) -> None:
    async with village.database.transaction() as session:
        await hold(session, "note/quiet")
        Outbox({"note": ()}).publish(session, "quiet", NoteClosed())
    assert await village.told.fetch("select 1 from event_log")
    assert await village.told.fetch("select 1 from event_lane") == []


async def test_types_without_an_effect_still_count(village: Village) -> None:
    id = await village.write("un")
    async with village.client() as client:
        closed = await client.post(f"/v1/notes/{id}/closings")
    assert closed.status_code == 201
    await village.amend(id, "trois")
    await village.carry()
    assert await village.effects(id) == [(1, "un"), (3, "trois")]
    [cursor] = await village.heard.fetch("select last_seq from event_cursor")
    assert cursor["last_seq"] == 3


async def test_writers_of_several_aggregates_do_not_block_each_other(village: Village) -> None:
    names = ["note/a", "note/b"]
    async with village.stranger() as third:
        begun = third.transaction()
        await begun.start()
        await third.execute(
            "select pg_advisory_xact_lock(7, hashtext(a)) from unnest($1::text[]) a", names
        )
        first = asyncio.create_task(say_about(village, names))
        second = asyncio.create_task(say_about(village, names[::-1]))
        await village.until_waiting(2)
        await begun.rollback()
    await asyncio.gather(first, second)
    rows = await village.told.fetch("select aggregate, seq from event_log order by 1, 2")
    assert [tuple(row) for row in rows] == [(name, seq) for name in names for seq in (1, 2)]


_HOLD = "select pg_advisory_xact_lock(7, hashtext(a)) from unnest($1::text[]) a"


async def say_about(village: Village, names: list[str]) -> None:
    async with village.database.transaction() as session:
        await hold(session, *names)
        for name in names:
            outbox.publish(session, name.removeprefix("note/"), NoteAmended(title="x", version=1))


THREE = ["note/a", "note/b", "note/c"]


async def test_a_writer_and_an_acknowledgement_lock_lanes_in_one_order(village: Village) -> None:
    # with the lane in the middle locked, two orders would take the outer ones crosswise
    await say_about(village, THREE)
    async with village.stranger() as third:
        begun = third.transaction()
        await begun.start()
        await third.execute("update event_lane set tail = tail where aggregate = 'note/b'")
        acknowledged = asyncio.create_task(village.told.fetch(ACK, "hearer", THREE, [1] * 3))
        await village.until_waiting(1)
        written = asyncio.create_task(say_about(village, THREE[::-1]))
        await village.until_waiting(2)
        await begun.rollback()
    await asyncio.gather(acknowledged, written)
    lanes = await village.told.fetch("select head, tail, due is not null from event_lane")
    assert {tuple(row) for row in lanes} == {(2, 2, True)}


async def test_two_pushes_of_new_aggregates_do_not_block_each_other(village: Village) -> None:
    middle = "note/m"
    connection = await village.hearer.state.database.engine.connect()
    await connection.execute(text(_OPEN_CURSOR), {"name": middle})
    pushes = []
    for order in (["note/a", middle, "note/b"], ["note/b", middle, "note/a"]):
        pushes.append(asyncio.create_task(hear_of(village, order)))
        await asyncio.sleep(0.05)
    await connection.rollback()
    await connection.close()
    await asyncio.gather(*pushes)
    rows = await village.heard.fetch("select aggregate, last_seq from event_cursor order by 1")
    assert [tuple(row) for row in rows] == [("note/a", 1), ("note/b", 1), (middle, 1)]


_OPEN_CURSOR = (
    "insert into event_cursor (producer, aggregate, last_seq) values ('teller', :name, 0)"
)


async def hear_of(village: Village, names: list[str]) -> None:
    facts = [
        Fact.model_validate(
            {
                "id": str(UUID(int=int.from_bytes(name.encode()))),
                "type": "sn.mboolo.teller.note.closed.v1",
                "subject": name,
                "time": "2026-05-01T10:00:00Z",
                "resourceversion": 1,
                "data": {},
            }
        )
        for name in names
    ]
    async with village.hearer.state.database.transaction() as session:
        await hear(session, "teller", facts, {})


@pytest.mark.parametrize(
    ("insert", "column"),
    [
        (
            "insert into event_log (id, aggregate, seq, type, time, data, is_public)"
            " values (gen_random_uuid(), 'note/t', 1, 'x', now(), '{}', false)",
            "created",
        ),
        ("insert into inbox (event_id, producer) values (gen_random_uuid(), 'x')", "heard_at"),
        (
            "insert into idempotency values ('p', 'POST', '/', 'k', 'f', 201, '{}', '')",
            "created_at",
        ),
    ],
)
async def test_columns_that_order_do_not_tell_the_time_of_the_begin(
    village: Village, insert: str, column: str
) -> None:
    async with village.stranger() as connection, connection.transaction():
        await connection.execute("select pg_sleep(0.01)")
        is_later = await connection.fetchval(
            f"{insert} returning {column} > now() + interval '5 ms'"
        )
    assert is_later
