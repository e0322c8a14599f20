"""A record that moves to another authority takes the files about it along."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from chassis import clock
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    expect,
    registered,
)
from tests.registry.test_desk import KOLDA, TAKE, a_registrar, ask, get, queue, transfer
from tests.town import Identity, Town

HOME, AWAY = "SN-SE-SD", KOLDA
COMMUNE = "SN-KD-KD1-1"
COMPLETE = {"outcome": "COMPLETE"}
_LINES = """
select kind, authority_code, arrival_number from ledger where filing_id = $1 order by pos
"""
_PLACES = """
select f.authority_code, f.path, c.authority_code as home, c.path as home_path
from filing f join cooperative c on c.id = f.cooperative_id where f.id = any($1::uuid[])
"""


def a_change(id: str, type: str, **payload: Any) -> dict[str, Any]:
    said = {"decided_on": clock.today().isoformat(), **payload}
    return {"type": type, "cooperative_id": id, "payload": said}


def of_seat(id: str, commune: str = COMMUNE) -> dict[str, Any]:
    return a_change(id, "CHANGE_OF_SEAT", seat={"commune_code": commune})


def of_object(id: str) -> dict[str, Any]:
    return a_change(id, "CHANGE_OF_OBJECT", object="Décorticage de noix de cajou")


async def draft(town: Town, filer: Identity, body: dict[str, Any]) -> dict[str, Any]:
    async with town.client("registry", filer) as client:
        return expect(await client.post("/v1/filings", json=body), 201)


async def submit(town: Town, filer: Identity, filing: dict[str, Any]) -> dict[str, Any]:
    async with town.client("registry", filer) as client:
        return expect(await act(client, filing, "submissions", {}), 201)


async def filed(town: Town, filer: Identity, body: dict[str, Any]) -> dict[str, Any]:
    return await submit(town, filer, await draft(town, filer, body))


async def complete(town: Town, filing: dict[str, Any], place: str = "SN-SE") -> dict[str, Any]:
    async with town.client("registry", an_instructor(place)) as client:
        seen = expect(await act(client, filing, "reviews", COMPLETE), 201)
    return {**filing, **seen, "id": filing["id"]}


async def approve(town: Town, filing: dict[str, Any], place: str = "SN-SE") -> None:
    async with town.client("registry", a_validator(place)) as client:
        expect(await decide(client, filing, {"outcome": "APPROVED"}), 201)


async def lines(town: Town, filing: dict[str, Any]) -> list[tuple[str, str]]:
    rows = await town.apps["registry"].state.reads.fetch(_LINES, filing["id"])
    assert {row["arrival_number"] for row in rows} == {filing["arrival_number"]}
    return [(row["kind"], row["authority_code"]) for row in rows]


async def test_what_waits_goes_with_the_record_and_keeps_its_arrival(town: Town) -> None:
    filer, instructor = a_filer(), an_instructor()
    id = (await registered(town, filer))["cooperative_id"]
    waiting, moving = await filed(town, filer, of_object(id)), await filed(town, filer, of_seat(id))
    expect(await ask(town, instructor, waiting, TAKE), 201)
    await approve(town, await complete(town, moving))
    after = await get(town, filer, f"/v1/filings/{waiting['id']}")
    assert (after["authority_code"], after["arrival_number"]) == (AWAY, waiting["arrival_number"])
    assert after["version"] == waiting["version"] + 1
    assert waiting["id"] not in await queue(town, instructor)
    row = (await queue(town, an_instructor("SN-KD")))[waiting["id"]]
    assert (row["authority_code"], row["holder"]) == (AWAY, None)
    assert await lines(town, waiting) == [
        ("ARRIVAL", HOME), ("TRANSFER_OUT", HOME), ("TRANSFER_IN", AWAY),
    ]  # fmt: skip
    # what moved the record was decided where it arrived
    assert await lines(town, moving) == [("ARRIVAL", HOME), ("APPROVAL", HOME)]
    steps = (await get(town, filer, f"/v1/filings/{waiting['id']}/timeline"))["items"]
    assert [step["kind"] for step in steps] == ["ARRIVED", "TAKEN", "TRANSFERRED"]
    await approve(town, await complete(town, {**waiting, **after}, "SN-KD"), "SN-KD")


async def test_what_a_registrar_moved_elsewhere_stays_there(town: Town) -> None:
    filer, third = a_filer(), "SN-MT-KA"
    id = (await registered(town, filer))["cooperative_id"]
    apart, moving = await filed(town, filer, of_object(id)), await filed(town, filer, of_seat(id))
    expect(await transfer(town, a_registrar(), apart, third), 201)
    await approve(town, await complete(town, moving))
    assert (await get(town, filer, f"/v1/filings/{apart['id']}"))["authority_code"] == third


async def test_a_draft_and_a_decided_file_are_left_alone(town: Town) -> None:
    filer = a_filer()
    id = (await registered(town, filer))["cooperative_id"]
    old = await filed(town, filer, of_object(id))
    await approve(town, await complete(town, old))
    later, moving = await draft(town, filer, of_object(id)), await filed(town, filer, of_seat(id))
    await approve(town, await complete(town, moving))
    assert [kind for kind, _ in await lines(town, old)] == ["ARRIVAL", "APPROVAL"]
    arrived = await submit(town, filer, later)
    assert (arrived["authority_code"], arrived["arrival_number"][:8]) == (AWAY, AWAY)


async def test_a_file_submitted_at_the_same_moment_lies_where_the_record_does(town: Town) -> None:
    filer, ids = a_filer(), list[str]()
    for turn in range(6):
        id = (await registered(town, filer))["cooperative_id"]
        early, moving = [await filed(town, filer, body(id)) for body in (of_object, of_seat)]
        moving = await complete(town, moving)
        late = [await draft(town, filer, of_object(id)) for _ in range(3)]
        acts = [approve(town, moving), *(submit(town, filer, one) for one in late)]
        await asyncio.gather(*(acts if turn % 2 else reversed(acts)))
        ids += [early["id"], *(one["id"] for one in late)]
    rows = await town.apps["registry"].state.reads.fetch(_PLACES, ids)
    assert len(rows) == len(ids)
    assert {row["home"] for row in rows} == {AWAY}
    assert all((r["authority_code"], r["path"]) == (r["home"], r["home_path"]) for r in rows)


async def test_two_decisions_about_one_record_wait_for_each_other(town: Town) -> None:
    filer = a_filer()
    for turn in range(4):
        id = (await registered(town, filer))["cooperative_id"]
        both = [await filed(town, filer, body(id)) for body in (of_object, of_seat)]
        seen = [await complete(town, one) for one in both]
        seen = seen if turn % 2 else seen[::-1]

        async def decided(filing: dict[str, Any]) -> int:
            # the file may have moved away from under the hands of who decides
            everywhere = a_validator("SN")
            async with town.client("registry", everywhere) as client:
                answer = await decide(client, filing, {"outcome": "APPROVED"})
                return answer.status_code

        codes = await asyncio.gather(*(decided(one) for one in seen))
        assert sorted(codes) in ([201, 201], [201, 412])


@asynccontextmanager
async def holding(town: Town, aggregate: str) -> AsyncIterator[None]:
    """Somebody else at work on an aggregate."""
    async with town.owner("registry") as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(7, hashtext($1))", aggregate)
        yield


async def until_waiting(town: Town, aggregate: str, count: int) -> None:
    """Until so many wait for an aggregate."""
    sql = "select count(*) from pg_locks where not granted and locktype = 'advisory'"
    sql += " and classid = 7 and objid = (hashtext($1)::bigint & 4294967295)::oid"
    sql += " and database = (select oid from pg_database where datname = current_database())"
    async with town.owner("registry") as connection:
        for _ in range(3_000):
            if await connection.fetchval(sql, aggregate) >= count:
                return
            await asyncio.sleep(0.02)
    raise AssertionError(f"{count} never waited for {aggregate}")


async def test_a_decision_never_waits_for_a_file_that_waits_for_its_record(town: Town) -> None:
    """A file was drafted after the decision had looked, and is being submitted: it holds itself
    and waits for the record, which the decision holds."""
    filer = a_filer()
    id = (await registered(town, filer))["cooperative_id"]
    moving = await complete(town, await filed(town, filer, of_seat(id)))
    async with AsyncExitStack() as held, asyncio.TaskGroup() as acts:
        async with holding(town, f"filing/{moving['id']}"):
            acts.create_task(approve(town, moving))
            await until_waiting(town, f"filing/{moving['id']}", 1)
            late = await draft(town, filer, of_object(id))
            await held.enter_async_context(holding(town, f"cooperative/{id}"))
        await until_waiting(town, f"cooperative/{id}", 1)
        submitted = acts.create_task(submit(town, filer, late))
        await until_waiting(town, f"cooperative/{id}", 2)
        await held.aclose()
    assert submitted.result()["status"] == "SUBMITTED"
    [row] = await town.apps["registry"].state.reads.fetch(_PLACES, [late["id"]])
    assert (row["authority_code"], row["path"]) == (AWAY, row["home_path"])


async def test_a_file_drafted_while_its_record_moves_is_drafted_where_it_then_lies(
    town: Town,
) -> None:
    filer = a_filer()
    id = (await registered(town, filer))["cooperative_id"]
    moving = await complete(town, await filed(town, filer, of_seat(id)))
    async with asyncio.TaskGroup() as acts, holding(town, f"cooperative/{id}"):
        acts.create_task(approve(town, moving))
        await until_waiting(town, f"cooperative/{id}", 1)
        drafted = acts.create_task(draft(town, filer, of_object(id)))
        await until_waiting(town, f"cooperative/{id}", 2)
    [row] = await town.apps["registry"].state.reads.fetch(_PLACES, [drafted.result()["id"]])
    assert row["path"] == row["home_path"]
