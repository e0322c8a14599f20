"""Sessions: plans and their guards, what may befall them, and what was entered late."""

from datetime import timedelta

import pytest

from chassis import clock
from tests.town import codes, problem
from tests.training.makers import (
    members,
    now,
    slots,
    somebody,
)
from tests.training.stage import Stage, shift_to


async def test_a_draft_is_seen_by_those_who_run_it_and_by_nobody_else(stage: Stage) -> None:
    thing = await stage.planned()
    for desk in (await stage.manager(), await stage.trainer()):
        assert (await desk.get(thing))["history"] == []
    elsewhere = somebody("training_manager", territory=["SN-DK"])
    for stranger in (stage.cast.cooperative, somebody("third_party"), elsewhere):
        answer = await (await stage.desk(stranger)).client.get(thing)
        assert answer.status_code == 404


async def test_lists_show_what_is_open_and_follow_their_cursor(stage: Stage) -> None:
    opened = (await stage.opened()).rpartition("/")[2]
    await stage.opened_late()  # newer, so that the one we look for is not on the first page
    draft = (await stage.planned()).rpartition("/")[2]
    group = await stage.group()
    seen: list[str] = []
    address = "/v1/training-sessions?limit=1"
    while address:
        page = await group.get(address)
        seen += [item["id"] for item in page["items"]]
        address = (page["next"] or "").removeprefix("http://gateway")
    assert opened in seen
    assert draft not in seen
    drafts = await (await stage.manager()).get("/v1/training-sessions?status=DRAFT&limit=200")
    assert draft in [item["id"] for item in drafts["items"]]


async def test_registration_does_not_open_after_its_own_end(stage: Stage) -> None:
    thing = await stage.planned()
    await stage.take(thing, "submissions", "approvals")
    plan = await (await stage.manager()).get(thing)
    with clock.shifted(shift_to(plan["registration_closes_at"], timedelta(seconds=1))):
        answer = await (await stage.manager()).act(thing, "openings")
    assert problem(answer)["code"] == "REGISTRATION_WINDOW_PAST"


async def test_nobody_starts_before_the_first_slot(stage: Stage) -> None:
    thing = await stage.opened()
    await stage.enrolled(thing)
    await stage.take(thing, "registration-closures")
    answer = await (await stage.trainer()).act(thing, "starts")
    assert problem(answer)["code"] == "SESSION_NOT_BEGUN"
    plan = await (await stage.manager()).get(thing)
    with clock.shifted(shift_to(plan["starts_at"], timedelta(seconds=1))):
        started = await (await stage.trainer()).done(thing, "starts")
        early = await (await stage.trainer()).act(thing, "deliveries")
    assert started["status"] == "IN_PROGRESS"
    assert problem(early)["code"] == "SESSION_NOT_OVER"


async def test_too_few_need_somebody_who_signs_for_it(stage: Stage) -> None:
    """Guard of IN_PROGRESS: confirmed ≥ min_participants or signed override."""
    thing = await stage.opened_late(min_participants=5)
    await stage.enrolled(thing, 3)
    await stage.take(thing, "registration-closures")
    trainer = await stage.trainer()
    answer = await trainer.act(thing, "starts")
    assert (problem(answer)["code"], problem(answer)["confirmed"]) == ("TOO_FEW_PARTICIPANTS", 3)
    reason = "Les autres membres étaient au champ."
    await trainer.done(thing, "starts", {"override_reason": reason})
    history = (await trainer.get(thing))["history"]
    assert (history[-1]["action"], history[-1]["reason"]) == ("START", reason)


async def test_a_session_recorded_late_lies_wholly_in_the_past(stage: Stage) -> None:
    ahead = slots(now() + timedelta(days=10))
    thing = await stage.recorded_late(slots=ahead)
    answer = await (await stage.manager()).act(thing, "submissions")
    assert codes(answer) == {"SLOT_NOT_PAST"}


async def test_what_was_recorded_late_says_so_for_ever_and_dates_each_step_truly(
    stage: Stage,
) -> None:
    before = clock.wire(clock.now())
    thing = await stage.opened_late()
    seen = await (await stage.manager()).get(thing)
    assert seen["recorded_late"] == {"reason": "Tenue avant l'ouverture de la plateforme."}
    assert [move["action"] for move in seen["history"]] == ["SUBMIT", "APPROVE", "OPEN"]
    assert {move["by_sub"] for move in seen["history"]} == {stage.cast.manager.sub}
    assert min(move["at"] for move in seen["history"]) >= before > seen["ends_at"]
    public = await (await stage.group()).get(thing)
    assert (public["recorded_late"], public["history"]) == (seen["recorded_late"], [])


async def test_the_reason_of_a_late_record_cannot_be_changed(stage: Stage) -> None:
    thing = await stage.recorded_late()
    answer = await (await stage.manager()).client.patch(
        thing, json={"recorded_late": None}, headers={"If-Match": '"1"'}
    )
    assert codes(answer) == {"FIELD_UNKNOWN"}


async def test_nobody_waits_for_a_session_that_was_held(stage: Stage) -> None:
    thing = await stage.recorded_late(waitlist_max=5)
    answer = await (await stage.manager()).act(thing, "submissions")
    assert codes(answer) == {"NOBODY_WAITS_FOR_THE_PAST"}


async def test_what_was_held_cannot_be_postponed_but_can_be_cancelled(stage: Stage) -> None:
    thing = await stage.opened_late()
    manager = await stage.manager()
    why = {"reason": "Saisie par erreur, autre commune."}
    answer = await manager.act(thing, "postponements", why)
    assert problem(answer)["code"] == "SESSION_ALREADY_HELD"
    assert (await manager.done(thing, "cancellations", why))["status"] == "CANCELLED"


async def test_a_postponed_session_keeps_its_seats_and_needs_approval_of_its_new_dates(
    stage: Stage,
) -> None:
    thing = await stage.opened()
    delegation = await stage.enrolled(thing)
    await stage.take(thing, "postponements")
    manager = await stage.manager()
    seen = await manager.client.get(thing)
    body = seen.json()
    assert (body["status"], body["slots"], body["starts_at"]) == ("POSTPONED", [], None)
    assert body["availability"]["held"] == 7
    first = now() + timedelta(days=40)
    patch = {"slots": slots(first), "registration_closes_at": first.isoformat()}
    await manager.client.patch(thing, json=patch, headers={"If-Match": seen.headers["etag"]})
    await stage.take(thing, "submissions", "approvals", "openings")
    kept = await (await stage.group()).get(f"/v1/delegations/{delegation['id']}")
    assert kept["seats_held"] == 7


async def test_a_cancelled_session_ends_every_enrolment_with_its_reason(stage: Stage) -> None:
    """The transition that comparable software declares and never implemented."""
    thing = await stage.opened(capacity=7, waitlist_max=5)
    held = await stage.enrolled(thing)
    waiting = await stage.enrolled(thing, 3)
    await stage.take(thing, "cancellations")
    group = await stage.group()
    for delegation in (held, waiting):
        seen = await group.get(f"/v1/delegations/{delegation['id']}")
        statuses = {seat["status"] for seat in seen["enrolments"]}
        assert statuses == {"CANCELLED_BY_ORGANISER"}
    assert (await group.get(thing))["availability"]["held"] == 0


@pytest.mark.parametrize(
    ("capacity", "code"),
    [
        (6, "CAPACITY_BELOW_HELD"),  # Rule 10: new capacity ≥ seats held.
        (8, "CAPACITY_BELOW_HELD"),  # and what is reserved must stay reachable
        (50, "VALIDATION_FAILED"),  # Rule 9: within the version's bounds.
        (9, None),
    ],
)
async def test_a_smaller_room_never_takes_a_seat_away(
    stage: Stage, capacity: int, code: str | None
) -> None:
    thing = await stage.opened(reserved_women=2)
    await stage.enrolled(thing, members=members(7, women=0))
    body = {"capacity": capacity, "reason": "La salle a changé."}
    answer = await (await stage.manager()).act(thing, "capacity-changes", body)
    assert (answer.status_code == 201) == (code is None)
    assert code is None or problem(answer)["code"] == code


async def test_an_act_on_another_version_is_refused_and_a_revision_needs_one(
    stage: Stage,
) -> None:
    thing = await stage.planned()
    manager = await stage.manager()
    stale = await manager.post(f"{thing}/submissions", **{"If-Match": '"7"'})
    assert (stale.status_code, problem(stale)["current_version"]) == (412, 1)
    blind = await manager.client.patch(thing, json={"language": "wo"})
    assert (blind.status_code, problem(blind)["code"]) == (428, "PRECONDITION_REQUIRED")
    assert (await manager.post(f"{thing}/submissions")).status_code == 201


async def test_a_repeated_act_gets_the_same_answer(stage: Stage) -> None:
    thing = await stage.planned()
    manager = await stage.manager()
    key = {"Idempotency-Key": "once", "If-Match": '"1"'}
    first = await manager.post(f"{thing}/submissions", **key)
    again = await manager.post(f"{thing}/submissions", **key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"] == '"2"'
