"""Seats: the algebra of reserves, and the one lock behind every place."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.training.enrolments.rules import Admission, Party, Seats
from tests.town import problem
from tests.training.makers import a_group, members, somebody
from tests.training.stage import Stage


@st.composite
def parties(draw: st.DrawFn) -> Party:
    size = draw(st.integers(1, 6))
    return Party(size, draw(st.integers(0, size)), draw(st.integers(0, size)))


@st.composite
def rooms(draw: st.DrawFn) -> Seats:
    capacity = draw(st.integers(1, 30))
    return Seats(capacity, draw(st.integers(0, capacity)), draw(st.integers(0, capacity)))


@settings(deadline=None)
@given(rooms(), st.lists(parties(), max_size=30))
def test_whoever_is_admitted_every_reserved_seat_stays_reachable(
    seats: Seats, arrivals: list[Party]
) -> None:
    """Rule: admit iff free_after ≥ max(uW, uY); a young woman serves both, hence max."""
    for party in arrivals:
        if seats.admission(party) is Admission.ADMITTED:
            seats = seats.after(party)
    wanted = max(seats.women_wanted, seats.youth_wanted)
    filled = seats.after(Party(wanted, wanted, wanted))
    assert filled.held.size <= seats.capacity
    assert (filled.women_wanted, filled.youth_wanted) == (0, 0)


@settings(deadline=None)
@given(rooms(), st.lists(parties(), max_size=20), st.data())
def test_leaving_never_breaks_a_promise(
    seats: Seats, arrivals: list[Party], data: st.DataObject
) -> None:
    admitted = []
    for party in arrivals:
        if seats.admission(party) is Admission.ADMITTED:
            seats = seats.after(party)
            admitted.append(party)
    for party in data.draw(st.permutations(admitted)):
        seats = seats.after(Party(-party.size, -party.women, -party.youth))
        assert seats.can_keep_its_promises
    assert seats.held == Party()


@settings(deadline=None)
@given(rooms(), parties())
def test_a_refusal_is_never_for_nothing(seats: Seats, party: Party) -> None:
    verdict = seats.admission(party)
    fits = seats.free >= party.size
    assert (verdict is Admission.TOO_LARGE) == (not fits)
    if verdict is Admission.RESERVED:
        assert not seats.after(party).can_keep_its_promises


async def try_to_enrol(stage: Stage, wish: dict[str, Any]) -> httpx.Response:
    """As a patient client does: the same key until the answer is final."""
    desk = await stage.desk(somebody("volunteer"))
    key = {"Idempotency-Key": f"race-{wish['initiative_id']}"}
    answer = await desk.post("/v1/delegations", wish, **key)
    while answer.status_code == 503:
        await asyncio.sleep(0.1)
        answer = await desk.post("/v1/delegations", wish, **key)
    return answer


async def test_fifty_groups_at_once_never_get_more_seats_than_there_are(stage: Stage) -> None:
    """Failure of others: N parallel requests overbook the last seat; ours recounts under lock."""
    thing = await stage.opened(capacity=20)
    wishes = [await stage.wish(thing, 3) for _ in range(50)]
    answers = await asyncio.gather(*(try_to_enrol(stage, wish) for wish in wishes))
    won = [answer for answer in answers if answer.status_code == 201]
    lost = {problem(answer)["code"] for answer in answers if answer.status_code != 201}
    assert len(won) == 6
    assert lost == {"DELEGATION_INDIVISIBLE"}
    seats = (await (await stage.manager()).get(thing))["availability"]
    assert (seats["held"], seats["free"]) == (18, 2)


async def test_fifty_single_people_share_exactly_the_seats_that_there_are(stage: Stage) -> None:
    thing = await stage.opened(capacity=10, reserved_women=4)
    wishes = [await stage.wish(thing, 1, members=members(1, women=0)) for _ in range(50)]
    answers = await asyncio.gather(*(try_to_enrol(stage, wish) for wish in wishes))
    codes = [problem(a)["code"] if a.status_code != 201 else "" for a in answers]
    assert codes.count("") == 6
    assert set(codes) == {"", "SEATS_RESERVED"}


@pytest.mark.parametrize(
    ("taken", "asked", "code"),
    [
        (10, members(1), "SESSION_FULL"),
        (8, members(3), "DELEGATION_INDIVISIBLE"),
        (7, members(1, women=0, born=1960), "SEATS_RESERVED"),
    ],
)
async def test_a_group_without_places_is_told_why(
    stage: Stage, taken: int, asked: list[dict[str, Any]], code: str
) -> None:
    """Rules 6, 13 and 8: full, indivisible, reserved."""
    thing = await stage.opened(capacity=10, reserved_youth=3)
    first = members(taken, born=1960)
    for person in first[7:]:
        person["birth_year"] = 2000
    await stage.enrolled(thing, members=first)
    answer = await (await stage.group()).post(
        "/v1/delegations", await stage.wish(thing, members=asked)
    )
    assert (answer.status_code, problem(answer)["code"]) == (409, code)


async def test_a_young_woman_serves_both_reserves(stage: Stage) -> None:
    thing = await stage.opened(capacity=10, reserved_women=5, reserved_youth=5)
    await stage.enrolled(thing, members=members(5, women=0, born=1960))
    await stage.enrolled(thing, members=members(5, women=5, born=2000))
    seats = (await (await stage.manager()).get(thing))["availability"]
    assert (seats["women_still_reserved"], seats["youth_still_reserved"]) == (0, 0)


async def test_a_group_that_asks_for_its_best_gets_as_many_places_as_there_are(
    stage: Stage,
) -> None:
    thing = await stage.opened(capacity=5)
    await stage.enrolled(thing, 3)
    best = await stage.enrolled(thing, 4, mode="BEST_EFFORT")
    statuses = [seat["status"] for seat in best["enrolments"]]
    assert statuses == ["CONFIRMED", "CONFIRMED", "REJECTED", "REJECTED"]


async def test_even_the_best_effort_needs_one_place(stage: Stage) -> None:
    thing = await stage.opened(capacity=5)
    await stage.enrolled(thing, 5)
    wish = await stage.wish(thing, 3, mode="BEST_EFFORT")
    answer = await (await stage.group()).post("/v1/delegations", wish)
    assert problem(answer)["code"] == "SESSION_FULL"


async def test_a_group_enrols_once_even_if_it_tries_twice_at_the_same_moment(
    stage: Stage,
) -> None:
    """Rule 2: one live enrolment per learner, hence one live delegation per group."""
    thing = await stage.opened()
    group = await a_group(stage.town, stage.cast.cooperative)
    wish = await stage.wish(thing, 3, initiative_id=group)
    desk = await stage.group()
    answers = await asyncio.gather(*(desk.post("/v1/delegations", wish) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert {problem(a)["code"] for a in answers if a.status_code == 409} == {"ALREADY_ENROLLED"}
