"""An event that its consumer refuses stops its own aggregate, and ends with the operator."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from chassis import logs
from chassis.serve import main
from tests.chassis.village.life import Village

POISONS = ["value", "lookup", "type", "refusal", "defect", "database", "deferred"]
Operator = Callable[..., None]


@pytest.mark.parametrize("poison", POISONS)
async def test_a_poisoned_aggregate_waits_and_all_others_pass(
    village: Village, poison: str
) -> None:
    before, ill, after = [await village.write(t) for t in ("a", f"poison:{poison}", "b")]
    await village.amend(ill, "behind")
    await village.carry(2)
    assert await village.effects(ill) == []
    assert await village.effects(before) == [(1, "a")]
    assert await village.effects(after) == [(1, "b")]
    lane = await village.lane(ill)
    assert (lane["head"], lane["attempts"], lane["dead_at"]) == (1, 2, None)
    assert lane["last_error"]


async def test_what_came_before_the_poison_is_kept(village: Village) -> None:
    id = await village.write("un")
    await village.amend(id, "poison:value")
    await village.amend(id, "trois")
    await village.carry()
    assert await village.effects(id) == [(1, "un")]
    lane = await village.lane(id)
    assert (lane["head"], lane["attempts"], lane["last_error"]) == (2, 1, "ValueError")


async def test_each_failure_doubles_the_wait(village: Village) -> None:
    await village.write("poison:value")
    for failures in range(6):
        [before] = await village.told.fetch("select clock_timestamp() as at")
        await village.carry()
        [after] = await village.told.fetch("select due, clock_timestamp() as at from event_lane")
        wait = timedelta(seconds=0.5 * 2**failures)
        assert before["at"] + wait <= after["due"] <= after["at"] + wait


async def ill_to_death(village: Village) -> UUID:
    id = await village.write("poison:value")
    await village.told.fetch("update event_lane set attempts = 12")
    await village.carry()
    return id


async def test_the_thirteenth_failure_makes_a_dead_letter(village: Village) -> None:
    id = await village.write("poison:value")
    await village.carry(12)
    lane = await village.lane(id)
    assert (lane["attempts"], lane["dead_at"]) == (12, None)
    await village.carry()
    lane = await village.lane(id)
    assert (lane["due"], lane["attempts"]) == (None, 13)
    assert lane["dead_at"] is not None


async def test_a_dead_letter_waits_for_an_operator_even_when_more_is_said(
    village: Village,
) -> None:
    id = await ill_to_death(village)
    await village.amend(id, "encore")
    lane = await village.lane(id)
    assert (lane["due"], lane["tail"]) == (None, 2)
    assert lane["dead_at"] is not None


@pytest.fixture
def operator(village: Village) -> Iterator[Operator]:
    def command(*words: str) -> None:
        main(lambda: village.teller.state.service, ["dead-letters", *words])

    yield command
    logs.configure("test")  # the command line configured them for its own process


async def test_a_retried_dead_letter_is_heard_once_its_cause_is_gone(
    operator: Operator, village: Village
) -> None:
    id = await ill_to_death(village)
    await village.amend(id, "deux")
    await village.heard.fetch("insert into antidote values ('poison:value')")
    await asyncio.to_thread(operator, "retry", "hearer", f"note/{id}")
    await village.carry(2)
    assert await village.effects(id) == [(1, "poison:value"), (2, "deux")]
    lane = await village.lane(id)
    assert (lane["dead_at"], lane["attempts"], lane["due"]) == (None, 0, None)


async def test_a_skipped_dead_letter_leaves_no_gap(operator: Operator, village: Village) -> None:
    id = await ill_to_death(village)
    await village.amend(id, "deux")
    await asyncio.to_thread(operator, "skip", "hearer", f"note/{id}")
    await village.carry(2)
    assert await village.effects(id) == [(2, "deux")]
    [cursor] = await village.heard.fetch("select last_seq from event_cursor")
    assert cursor["last_seq"] == 2
    assert (await village.lane(id))["dead_at"] is None


async def test_an_operator_sees_the_dead_letters(
    operator: Operator, village: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    id = await ill_to_death(village)
    await asyncio.to_thread(operator, "list")
    said = capsys.readouterr().out
    assert f"note/{id}" in said
    assert "ValueError" in said


@pytest.mark.parametrize("act", ["retry", "skip"])
async def test_lanes_that_are_well_are_left_alone(
    operator: Operator, village: Village, act: str
) -> None:
    id = await village.write()
    await village.carry()
    await asyncio.to_thread(operator, act, "hearer", f"note/{id}")
    lane = await village.lane(id)
    assert (lane["due"], lane["skips"]) == (None, [])


async def test_a_success_elsewhere_revives_a_lane_that_was_given_up(village: Village) -> None:
    # two copies pushed the same event after a lease ran out; one gave up, the other succeeded
    id = await ill_to_death(village)
    await village.heard.fetch("insert into antidote values ('poison:value')")
    rows = await village.told.fetch(
        "select e.*, '{}'::int[] as skips from event_log e where aggregate = $1", f"note/{id}"
    )
    deliverer = village.deliverer()
    answer = await deliverer._push(village.town_client(), [deliverer._event(rows[0])], None)
    await deliverer._settle(rows, answer)
    lane = await village.lane(id)
    assert (lane["head"], lane["dead_at"]) == (2, None)
