"""The beat: how far a consumer has certainly heard, so that it knows when it knows too little."""

import asyncio

from chassis.lanes import CLAIM
from tests.chassis.village.life import Village


async def test_the_beat_says_how_far_the_consumer_has_certainly_heard(village: Village) -> None:
    await village.deliverer(heartbeat_s=0).step(village.town_client())
    idle = await village.heard.fetchrow("select now() - through as age, blocked from peer_heard")
    assert idle is not None
    assert idle["age"].total_seconds() < 60
    assert idle["blocked"] == []


async def test_the_beat_waits_for_what_is_still_under_way(village: Village) -> None:
    id = await village.write()
    said = await village.told.fetchrow("select created from event_log")
    await village.told.fetch(CLAIM, "hearer", 60.0)  # another copy has it
    await asyncio.sleep(0.02)
    await village.deliverer(heartbeat_s=0).step(village.town_client())
    heard = await village.heard.fetchrow("select through from peer_heard")
    assert said is not None
    assert heard is not None
    assert heard["through"] == said["created"], id


async def test_the_beat_names_what_keeps_failing_instead_of_waiting_for_it(
    village: Village,
) -> None:
    id = await village.write("poison:value")
    await village.told.fetch("update event_log set created = created - interval '1 hour'")
    await village.carry(3)
    await village.deliverer(heartbeat_s=0).step(village.town_client())
    heard = await village.heard.fetchrow("select now() - through as age, blocked from peer_heard")
    assert heard is not None
    assert heard["age"].total_seconds() < 60
    assert heard["blocked"] == [f"note/{id}"]


async def test_a_deliverer_without_rest_still_beats(village: Village) -> None:
    await village.write()
    assert await village.deliverer(heartbeat_s=0).step(village.town_client())
    assert await village.heard.fetch("select 1 from peer_heard")


async def test_an_old_beat_does_not_set_the_clock_back(village: Village) -> None:
    deliverer = village.deliverer()
    for through in ("2026-05-02T10:00:00+00:00", "2026-05-01T10:00:00+00:00"):
        await deliverer._push(village.town_client(), [], {"through": through, "blocked": []})
    heard = await village.heard.fetchrow("select through from peer_heard")
    assert heard is not None
    assert heard["through"].day == 2
