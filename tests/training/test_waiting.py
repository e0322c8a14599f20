"""The queue: who waits, who is offered a place, and that an offer is answered once."""

import asyncio
from datetime import timedelta
from typing import Any

from chassis import clock
from services.training.seat_offers.service import lapse_all
from tests.town import problem
from tests.training.makers import members, somebody
from tests.training.stage import Stage, shift_to


async def offers(stage: Stage, thing: str) -> list[dict[str, Any]]:
    page = await (await stage.group()).get("/v1/seat-offers?limit=200")
    session = thing.rpartition("/")[2]
    return [offer for offer in page["items"] if offer["training_session_id"] == session]


async def leave(stage: Stage, delegation: dict[str, Any], count: int = 1) -> None:
    for seat in delegation["enrolments"][:count]:
        await (await stage.group()).done(f"/v1/enrolments/{seat['id']}", "withdrawals")


async def delegation(stage: Stage, made: dict[str, Any]) -> dict[str, Any]:
    return await (await stage.group()).get(f"/v1/delegations/{made['id']}")


async def test_a_full_session_lets_people_wait_and_says_when_nobody_more_may(
    stage: Stage,
) -> None:
    """Rule 7: waitlist enabled and below max."""
    thing = await stage.opened(capacity=7, waitlist_max=5)
    await stage.enrolled(thing)
    waiting = await stage.enrolled(thing, 3)
    assert (waiting["seats_held"], waiting["waitlisted_count"]) == (0, 3)
    answer = await (await stage.group()).post("/v1/delegations", await stage.wish(thing, 3))
    assert (answer.status_code, problem(answer)["code"]) == (409, "WAITLIST_FULL")
    assert (await (await stage.manager()).get(thing))["availability"]["waitlisted"] == 3


async def test_one_who_leaves_makes_exactly_one_offer(stage: Stage) -> None:
    """Failure of others: one cancellation promotes the whole waiting list."""
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    queue = [await stage.enrolled(thing, 1) for _ in range(3)]
    await leave(stage, held)
    [offer] = await offers(stage, thing)
    assert (offer["delegation_id"], offer["seats"], offer["answer"]) == (queue[0]["id"], 1, None)
    assert (await (await stage.manager()).get(thing))["availability"]["free"] == 0


async def test_three_more_seats_make_three_offers(stage: Stage) -> None:
    """Raising the capacity promotes exactly the difference."""
    thing = await stage.opened(capacity=5, waitlist_max=9)
    await stage.enrolled(thing, 5)
    queue = [await stage.enrolled(thing, 1) for _ in range(4)]
    body = {"capacity": 8, "reason": "Une salle plus grande."}
    await (await stage.manager()).done(thing, "capacity-changes", body)
    made = await offers(stage, thing)
    first = await (await stage.group()).get("/v1/seat-offers?limit=2")
    rest = await (await stage.group()).get(first["next"].removeprefix("http://gateway"))
    assert first["items"] + rest["items"] == made
    assert await (await stage.group()).get(f"/v1/seat-offers/{made[0]['id']}") == made[0]
    assert [offer["delegation_id"] for offer in made] == [one["id"] for one in queue[:3]]


async def test_an_accepted_offer_is_a_place_and_is_used_up(stage: Stage) -> None:
    """Rule 11: offer valid, unexpired, unused."""
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    waiting = await stage.enrolled(thing, 2)
    await leave(stage, held, 2)
    [offer] = await offers(stage, thing)
    group = await stage.group()
    address = f"/v1/seat-offers/{offer['id']}"
    blind = await group.post(f"{address}/acceptances")
    assert (blind.status_code, problem(blind)["code"]) == (428, "PRECONDITION_REQUIRED")
    answered = await group.done(address, "acceptances")
    assert answered["answer"] == "ACCEPTED"
    assert {seat["status"] for seat in answered["enrolments"]} == {"CONFIRMED"}
    assert (await delegation(stage, waiting))["seats_held"] == 2
    again = await group.act(address, "acceptances")
    assert (again.status_code, problem(again)["code"]) == (409, "OFFER_CONSUMED")


async def test_whoever_accepts_and_then_leaves_is_not_offered_again(stage: Stage) -> None:
    """Failure of others: accept, then cancel → still on the list with a new voucher."""
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    waiting = await stage.enrolled(thing, 1)
    await leave(stage, held)
    [offer] = await offers(stage, thing)
    await (await stage.group()).done(f"/v1/seat-offers/{offer['id']}", "acceptances")
    await leave(stage, waiting)
    assert len(await offers(stage, thing)) == 1
    assert (await (await stage.manager()).get(thing))["availability"]["held"] == 4


async def test_a_declined_offer_goes_to_the_next(stage: Stage) -> None:
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    first, second = await stage.enrolled(thing, 1), await stage.enrolled(thing, 1)
    await leave(stage, held)
    [offer] = await offers(stage, thing)
    declined = await (await stage.group()).done(f"/v1/seat-offers/{offer['id']}", "refusals")
    assert declined["enrolments"][0]["status"] == "OFFER_LAPSED"
    assert [o["delegation_id"] for o in await offers(stage, thing)] == [first["id"], second["id"]]


async def test_an_offer_that_nobody_answers_lapses_and_goes_to_the_next(stage: Stage) -> None:
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    first, second = await stage.enrolled(thing, 1), await stage.enrolled(thing, 1)
    await leave(stage, held)
    [offer] = await offers(stage, thing)
    with clock.shifted(timedelta(hours=49)):
        late = await (await stage.group()).act(f"/v1/seat-offers/{offer['id']}", "acceptances")
        assert (late.status_code, problem(late)["code"]) == (410, "OFFER_EXPIRED")
        assert await lapse_all(stage.town.apps["training"]) >= 1
    assert (await delegation(stage, first))["enrolments"][0]["status"] == "OFFER_LAPSED"
    assert (await delegation(stage, second))["enrolments"][0]["status"] == "OFFERED"
    assert [o["answer"] for o in await offers(stage, thing)] == ["EXPIRED", None]


async def test_accepting_and_declining_at_once_has_one_outcome(stage: Stage) -> None:
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    waiting = await stage.enrolled(thing, 1)
    await leave(stage, held)
    [offer] = await offers(stage, thing)
    group = await stage.group()
    address = f"/v1/seat-offers/{offer['id']}"
    nouns = ("acceptances", "refusals", "acceptances", "refusals")
    version = {"If-Match": f'"{offer["version"]}"'}
    answers = await asyncio.gather(*(group.post(f"{address}/{n}", **version) for n in nouns))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412]
    [won] = [answer.json() for answer in answers if answer.status_code == 201]
    seat = (await delegation(stage, waiting))["enrolments"][0]["status"]
    assert seat == {"ACCEPTED": "CONFIRMED", "DECLINED": "OFFER_LAPSED"}[won["answer"]]


async def test_an_indivisible_group_is_overtaken_only_so_often(stage: Stage) -> None:
    """Smaller entries may overtake at most `max_overtakes` times, then seats gather."""
    thing = await stage.opened(capacity=8, waitlist_max=20)
    held = await stage.enrolled(thing, 8)
    large = await stage.enrolled(thing, 3)
    small = [await stage.enrolled(thing, 1) for _ in range(5)]
    for n in range(3):
        await leave(stage, {"enrolments": held["enrolments"][n : n + 1]})
    assert [o["delegation_id"] for o in await offers(stage, thing)] == [s["id"] for s in small[:3]]
    await leave(stage, {"enrolments": held["enrolments"][3:5]}, 2)
    assert len(await offers(stage, thing)) == 3
    assert (await delegation(stage, large))["skip_reason"] == "TOO_LARGE"
    assert (await delegation(stage, small[3]))["skip_reason"] == "KEPT_FOR_LARGER_GROUP"
    await leave(stage, {"enrolments": held["enrolments"][5:6]})
    assert (await offers(stage, thing))[3]["delegation_id"] == large["id"]


async def test_nobody_overtakes_the_queue_by_arriving_late(stage: Stage) -> None:
    thing = await stage.opened(capacity=7, waitlist_max=9)
    held = await stage.enrolled(thing, 7)
    large = await stage.enrolled(thing, 3)
    await leave(stage, held, 2)
    late = await stage.enrolled(thing, 1)
    assert {seat["status"] for seat in late["enrolments"]} == {"OFFERED"}
    rows = await stage.town.apps["training"].state.reads.fetch(
        "select overtaken from delegation where id = $1", large["id"]
    )
    assert rows[0]["overtaken"] == 1


async def test_a_seat_kept_for_women_is_not_offered_to_a_man(stage: Stage) -> None:
    """Failure of others: the last in line is served, nobody knows why the first was not."""
    thing = await stage.opened(capacity=5, reserved_women=1, waitlist_max=5)
    held = await stage.enrolled(thing, members=members(5, women=1))
    man = await stage.enrolled(thing, members=members(1, women=0))
    woman = await stage.enrolled(thing, members=members(1))
    await leave(stage, held)
    [offer] = await offers(stage, thing)
    assert offer["delegation_id"] == woman["id"]
    assert (await delegation(stage, man))["skip_reason"] == "RESERVED"


async def test_no_offer_is_made_when_the_session_is_too_near(stage: Stage) -> None:
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    await stage.enrolled(thing, 1)
    with clock.shifted(timedelta(days=9, hours=1)):
        await leave(stage, held)
    assert await offers(stage, thing) == []


async def test_an_offer_of_others_looks_absent(stage: Stage) -> None:
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    await stage.enrolled(thing, 1)
    await leave(stage, held)
    [offer] = await offers(stage, thing)
    stranger = await stage.desk(somebody("cooperative"))
    address = f"/v1/seat-offers/{offer['id']}"
    assert (await stranger.client.get(address)).status_code == 404
    answer = await stranger.post(f"{address}/acceptances", **{"If-Match": '"1"'})
    assert answer.status_code == 404
    assert (await stranger.get("/v1/seat-offers"))["items"] == []


async def test_the_queue_ends_when_the_session_begins(stage: Stage) -> None:
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    offered, waiting = await stage.enrolled(thing, 1), await stage.enrolled(thing, 1)
    await leave(stage, held)
    await stage.take(thing, "registration-closures")
    plan = await (await stage.manager()).get(thing)
    with clock.shifted(shift_to(plan["starts_at"], timedelta(seconds=1))):
        await stage.take(thing, "starts")
    assert (await delegation(stage, offered))["enrolments"][0]["status"] == "OFFER_LAPSED"
    ended = await delegation(stage, waiting)
    assert ended["enrolments"][0]["status"] == "CANCELLED_BY_ORGANISER"
    assert [offer["answer"] for offer in await offers(stage, thing)] == ["EXPIRED"]


async def test_an_offer_ends_with_its_session(stage: Stage) -> None:
    thing = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(thing, 5)
    await stage.enrolled(thing, 1)
    await leave(stage, held)
    await stage.take(thing, "cancellations")
    [offer] = await offers(stage, thing)
    assert offer["answer"] == "CANCELLED"
    answer = await (await stage.group()).act(f"/v1/seat-offers/{offer['id']}", "acceptances")
    assert problem(answer)["code"] == "OFFER_CONSUMED"
