"""From one process to another: in order, once, whatever is slow, away or repeated."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis import deliverer as delivery
from chassis.deliverer import Deliverer
from chassis.lanes import CLAIM
from tests.chassis.village.life import Village


async def test_what_is_said_is_heard_once_and_in_order(village: Village) -> None:
    id = await village.write("un")
    await village.amend(id, "deux")
    await village.amend(id, "trois")
    await village.carry()
    assert await village.effects(id) == [(1, "un"), (2, "deux"), (3, "trois")]
    lane = await village.lane(id)
    assert (lane["head"], lane["tail"], lane["due"]) == (4, 3, None)


async def test_a_redelivery_changes_nothing(village: Village) -> None:
    id = await village.write()
    await village.carry()
    await village.told.fetch("update event_lane set head = 1, due = clock_timestamp()")
    await village.carry()
    assert len(await village.effects(id)) == 1
    lane = await village.lane(id)
    assert (lane["head"], lane["due"]) == (2, None)


async def test_who_cannot_be_reached_is_passed_over_for_the_next_address(village: Village) -> None:
    id = await village.write()
    several = {"hearer": ["http://nobody", "http://hearer"]}
    deliverer = village.deliverer(addresses=several)
    assert await deliverer.step(village.teller.state.http)
    assert await village.effects(id) == [(1, "Bon")]
    assert (await village.lane(id))["attempts"] == 0


async def test_a_gap_stops_its_aggregate_alone(village: Village) -> None:
    torn, whole = await village.write("un"), await village.write("seul")
    await village.amend(torn, "deux")
    await village.told.fetch("update event_lane set head = 2 where tail = 2")
    await village.carry()
    assert await village.effects(torn) == []
    assert await village.effects(whole) == [(1, "seul")]
    lane = await village.lane(torn)
    assert (lane["head"], lane["attempts"], lane["last_error"]) == (2, 1, "gap after 0")


@asynccontextmanager
async def house_taken_by(village: Village, app: Any) -> AsyncIterator[None]:
    own: FastAPI = village.town.apps.pop("hearer")
    if app is not None:
        village.town.apps["hearer"] = app
    try:
        yield
    finally:
        village.town.apps["hearer"] = own


def answering(answer: Response) -> Any:
    async def receive(_: Any) -> Response:
        return answer

    return Starlette(routes=[Route("/internal/v1/events", receive, methods=["POST"])])


@pytest.mark.parametrize(
    "stranger",
    [
        None,
        answering(Response(status_code=503)),
        answering(Response(status_code=500)),
        answering(Response(status_code=401)),
        answering(Response("not JSON")),
    ],
    ids=["nobody", "503", "500", "401", "garbage"],
)
async def test_no_attempt_is_counted_while_the_consumer_is_away(
    village: Village, stranger: Any
) -> None:
    id = await village.write()
    async with house_taken_by(village, stranger):
        await village.carry(15)
        lane = await village.lane(id)
    assert (lane["attempts"], lane["dead_at"], lane["head"]) == (0, None, 1)
    assert lane["last_error"]
    await village.carry()
    assert await village.effects(id) == [(1, "Bon")]


async def test_a_consumer_that_is_away_is_asked_again_after_a_second(village: Village) -> None:
    id = await village.write()
    async with house_taken_by(village, None):
        await village.carry()
    wait = await village.told.fetchrow(
        "select due - clock_timestamp() as wait from event_lane where aggregate = $1", f"note/{id}"
    )
    assert wait is not None
    assert -5 < wait["wait"].total_seconds() <= 1.0


@pytest.mark.parametrize("nonsense", [["applied"], {"applied": {"note/1": "x"}}, {"applied": [1]}])
async def test_a_consumer_that_answers_nonsense_does_not_end_the_deliverer(
    village: Village, nonsense: Any
) -> None:
    id = await village.write()
    asked = asyncio.Event()

    async def receive(_: Any) -> Response:
        asked.set()
        return JSONResponse(nonsense)

    stranger = Starlette(routes=[Route("/internal/v1/events", receive, methods=["POST"])])
    async with house_taken_by(village, stranger), at_work(village.deliverer(), village):
        await asyncio.wait_for(asked.wait(), 20)
        await asyncio.sleep(0.05)
    await village.carry()
    assert await village.effects(id) == [(1, "Bon")]


@asynccontextmanager
async def at_work(deliverer: Deliverer, village: Village) -> AsyncIterator[None]:
    """The deliverer's own loop, which must still turn when the block ends."""
    task = asyncio.create_task(deliverer.run(village.database, village.town_client()))
    try:
        yield
        await asyncio.sleep(0)
        assert not task.done(), task.exception()
    finally:
        village.database.bells.remove(deliverer.bell)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_leased_lanes_are_left_to_the_one_who_leased_them(village: Village) -> None:
    id = await village.write()
    first, second = village.deliverer(), village.deliverer()
    taken = await village.told.fetch(CLAIM, "hearer", 60.0)
    assert await second.step(village.town_client()) is False
    assert await village.effects(id) == []
    await village.make_due()  # the lease is over
    assert await second.step(village.town_client()) is True
    assert await village.effects(id) == [(1, "Bon")]
    await first._settle(taken, {"refused": "too late"})
    answer = await first._push(village.town_client(), [first._event(taken[0])], None)
    await first._settle(taken, answer)
    assert await village.effects(id) == [(1, "Bon")]
    assert (await village.lane(id))["due"] is None


async def test_a_claim_takes_the_events_of_a_lane_with_it(village: Village) -> None:
    id = await village.write("un")
    await village.amend(id, "deux")
    rows = await village.told.fetch(CLAIM, "hearer", 5.0)
    assert [(row["seq"], row["data"]["title"]) for row in rows] == [(1, "un"), (2, "deux")]
    lane = await village.told.fetchrow("select due - clock_timestamp() as lease from event_lane")
    assert lane is not None
    assert 1 < lane["lease"].total_seconds() <= 5


async def test_a_long_lane_lets_the_others_pass(village: Village) -> None:
    await village.backlog("long", lanes=1, events=35)
    await village.backlog("short", lanes=250)
    deliverer = village.deliverer(event_timeout_s=20.0)
    await deliverer.step(village.town_client())
    await deliverer.step(village.town_client())
    assert len(await village.heard_of("short")) == 199
    assert await village.heard_of("long") == {"note/long-1": 10}


async def test_a_push_stays_below_the_size_that_the_consumer_takes(village: Village) -> None:
    await village.backlog("heavy", lanes=4, events=10, size=40_000)
    await village.carry(3)
    assert set((await village.heard_of("heavy")).values()) == {10}


async def test_one_event_that_is_too_large_for_a_batch_goes_alone(village: Village) -> None:
    await village.backlog("huge", lanes=2, events=1, size=800_000)
    await village.carry(2)
    assert set((await village.heard_of("huge")).values()) == {1}


async def test_events_out_of_order_in_a_push_are_applied_in_order(village: Village) -> None:
    id = await village.write("un")
    await village.amend(id, "deux")
    deliverer = village.deliverer()
    rows = await village.told.fetch(CLAIM, "hearer", 5.0)
    events = [deliverer._event(row) for row in reversed(rows)]
    answer = await deliverer._push(village.town_client(), events, None)
    assert answer == {"applied": {f"note/{id}": 2}, "failed": {}}
    assert await village.effects(id) == [(1, "un"), (2, "deux")]


async def test_the_bell_wakes_the_deliverer_at_the_commit(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "POLL_S", 30)
    async with at_work(village.deliverer(), village):
        await asyncio.sleep(0.1)  # it found nothing and rests
        id = await village.write()
        for _ in range(3000):
            if await village.effects(id):
                break
            await asyncio.sleep(0.01)
    assert await village.effects(id) == [(1, "Bon")]


async def test_the_trace_of_the_request_reaches_the_consumer(village: Village) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    async with village.client() as client:
        made = await client.post("/v1/notes", json={"title": "Bon"}, headers=headers)
    assert made.status_code == 201
    [row] = await village.told.fetch(CLAIM, "hearer", 5.0)
    assert village.deliverer()._event(row)["traceparent"].split("-")[1] == trace_id
