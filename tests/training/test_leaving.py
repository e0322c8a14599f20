"""Groups and learners leave, and every move of a place is remembered."""

from datetime import timedelta

from chassis import clock
from tests.town import problem
from tests.training.stage import Stage, shift_to


async def test_a_whole_group_leaves_and_may_come_back(stage: Stage) -> None:
    thing = await stage.opened()
    made = await stage.enrolled(thing)
    group = await stage.group()
    address = f"/v1/delegations/{made['id']}"
    left = await group.done(address, "withdrawals", {"reason": "Saison des pluies."})
    assert (left["seats_held"], left["version"] > made["version"]) == (0, True)
    assert {seat["status"] for seat in left["enrolments"]} == {"WITHDRAWN"}
    again = await stage.enrolled(thing, initiative_id=made["initiative_id"])
    assert again["seats_held"] == 7
    twice = await group.act(address, "withdrawals")
    assert problem(twice)["code"] == "ILLEGAL_TRANSITION"


async def test_one_learner_leaves_and_the_seat_is_free_again(stage: Stage) -> None:
    thing = await stage.opened(capacity=7)
    made = await stage.enrolled(thing)
    group = await stage.group()
    seat = f"/v1/enrolments/{made['enrolments'][0]['id']}"
    left = await group.done(seat, "withdrawals")
    assert (left["status"], left["holds_seat"]) == ("WITHDRAWN", False)
    assert (await stage.enrolled(thing, 1))["seats_held"] == 1
    assert problem(await group.act(seat, "withdrawals"))["code"] == "ILLEGAL_TRANSITION"


async def test_nobody_leaves_once_the_session_has_begun(stage: Stage) -> None:
    """Guard: confirmed → withdrawn only before the first slot."""
    thing = await stage.opened()
    made = await stage.enrolled(thing)
    plan = await (await stage.manager()).get(thing)
    group = await stage.group()
    with clock.shifted(shift_to(plan["starts_at"], timedelta(seconds=1))):
        whole = await group.act(f"/v1/delegations/{made['id']}", "withdrawals")
        one = await group.act(f"/v1/enrolments/{made['enrolments'][0]['id']}", "withdrawals")
    assert problem(whole)["code"] == problem(one)["code"] == "SESSION_HAS_BEGUN"


async def test_leaving_honours_the_version_that_was_read(stage: Stage) -> None:
    made = await stage.enrolled(await stage.opened())
    group = await stage.group()
    one, whole = f"/v1/enrolments/{made['enrolments'][0]['id']}", f"/v1/delegations/{made['id']}"
    for thing in (one, whole):
        stale = await group.post(f"{thing}/withdrawals", **{"If-Match": '"1"'})
        assert (stale.status_code, problem(stale)["code"]) == (412, "PRECONDITION_FAILED")
        assert (await group.post(f"{thing}/withdrawals")).status_code == 201


async def test_every_move_of_a_place_is_remembered(stage: Stage) -> None:
    made = await stage.enrolled(await stage.opened(), 1)
    seat = made["enrolments"][0]["id"]
    await (await stage.group()).done(f"/v1/enrolments/{seat}", "withdrawals")
    rows = await stage.town.apps["training"].state.reads.fetch(
        "select action, from_status, to_status, by_sub from transition"
        " where subject = $1 order by id",
        f"enrolment/{seat}",
    )
    sub = stage.cast.cooperative.sub
    assert [tuple(row) for row in rows] == [
        ("CONFIRM", "SUBMITTED", "CONFIRMED", sub),
        ("WITHDRAW", "CONFIRMED", "WITHDRAWN", sub),
    ]
