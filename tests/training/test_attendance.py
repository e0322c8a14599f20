"""Attendance: heaps of observations, sent late, twice and out of order, say the same thing."""

import random
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis import clock
from tests.town import codes, problem
from tests.training.makers import START_COOP, somebody
from tests.training.stage import Stage, shift_to


async def sheet(stage: Stage, thing: str) -> dict[str, Any]:
    return await (await stage.trainer()).get(f"{thing}/attendance-sheet")


async def test_a_batch_sent_three_times_and_shuffled_says_the_same(stage: Stage) -> None:
    """Rule 21: same client_event_id, same body → the same answer."""
    thing, delegation = await stage.under_way()
    events = await stage.sheet(thing, delegation, absent=2)
    first = await stage.send(thing, events)
    told = {result["client_event_id"]: result for result in first}
    after = await sheet(stage, thing)
    for seed in range(3):
        random.Random(seed).shuffle(events)
        again = await stage.send(thing, events)
        assert again == [told[event["client_event_id"]] for event in events]
    assert await sheet(stage, thing) == after
    assert len(after["cells"]) == 28
    assert sum(cell["status"] == "PRESENT" for cell in after["cells"]) == 20


async def test_the_order_of_a_correction_and_its_error_does_not_matter(stage: Stage) -> None:
    thing, delegation = await stage.under_way(2)
    events = await stage.sheet(thing, delegation)
    wrong, other = events[0], events[1]
    correction = {
        **wrong,
        "client_event_id": str(uuid4()),
        "status": "ABSENT",
        "supersedes": wrong["client_event_id"],
        "reason": "Erreur de ligne sur la feuille.",
    }
    [early] = await stage.send(thing, [correction])
    [late] = await stage.send(thing, [wrong])
    assert (early["status"], late["status"]) == (201, 201)
    await stage.send(thing, [other])
    [cell] = [
        c
        for c in (await sheet(stage, thing))["cells"]
        if c["enrolment_id"] == wrong["enrolment_id"]
    ]
    assert (cell["status"], cell["has_conflict"]) == ("ABSENT", False)
    page = await (await stage.group()).get(f"/v1/enrolments?delegation_id={delegation['id']}")
    assert {item["status"] for item in page["items"]} == {"ATTENDING"}


async def test_the_first_presence_makes_a_learner_attend(stage: Stage) -> None:
    thing, delegation = await stage.under_way(2)
    events = await stage.sheet(thing, delegation, absent=1)
    await stage.send(thing, events)
    page = await (await stage.group()).get(f"/v1/enrolments?delegation_id={delegation['id']}")
    assert [item["status"] for item in page["items"]] == ["ATTENDING", "CONFIRMED"]


async def test_a_contradiction_is_recorded_flagged_and_blocks_the_delivery(stage: Stage) -> None:
    """Rule 22: contradictory events → 202, flagged `conflict`, blocks `delivered`."""
    thing, delegation = await stage.under_way(1)
    events = await stage.sheet(thing, delegation)
    await stage.send(thing, events)
    contradiction = {**events[0], "client_event_id": str(uuid4()), "status": "ABSENT"}
    [result] = await stage.send(thing, [contradiction])
    assert (result["status"], result["warnings"]) == (202, ["CONFLICT"])
    assert (await sheet(stage, thing))["has_conflicts"]
    trainer = await stage.trainer()
    blocked = await trainer.act(thing, "deliveries")
    assert (blocked.status_code, problem(blocked)["code"]) == (409, "ATTENDANCE_CONFLICTS")
    solved = {
        **events[0],
        "client_event_id": str(uuid4()),
        "supersedes": contradiction["client_event_id"],
        "reason": "La feuille signée fait foi.",
    }
    [result] = await stage.send(thing, [solved])
    assert (result["status"], result["warnings"]) == (201, [])
    assert (await trainer.done(thing, "deliveries"))["status"] == "DELIVERED"


async def test_the_same_id_with_another_body_is_refused_alone(stage: Stage) -> None:
    """Rule 21: different body → 409 event_id_reused."""
    thing, delegation = await stage.under_way(2)
    events = (await stage.sheet(thing, delegation))[:2]
    await stage.send(thing, events[:1])
    results = await stage.send(thing, [{**events[0], "status": "EXCUSED"}, events[1]])
    assert [result["status"] for result in results] == [409, 201]
    [error] = results[0]["errors"]
    assert (error["code"], bool(error["message"])) == ("EVENT_ID_REUSED", True)


async def test_an_id_used_in_another_session_is_used_up(stage: Stage) -> None:
    thing, delegation = await stage.under_way(1)
    event = (await stage.sheet(thing, delegation))[0]
    await stage.send(thing, [event])
    other = Stage(stage.town, stage._stack)
    elsewhere, others = await other.under_way(1)
    mine = (await other.sheet(elsewhere, others))[0]
    [result] = await other.send(elsewhere, [{**mine, "client_event_id": event["client_event_id"]}])
    assert result["errors"][0]["code"] == "EVENT_ID_REUSED"


FUTURE = "2099-12-31T12:00:00.000Z"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        # Rule 20: attendance not in the future (±5 min skew), slot exists.
        ({"captured_at": FUTURE}, 422, "ATTENDANCE_OUT_OF_WINDOW"),
        ({"slot_id": START_COOP}, 422, "SLOT_UNKNOWN"),
        ({"enrolment_id": START_COOP}, 422, "ENROLMENT_UNKNOWN"),
        ({"status": "LATE"}, 422, "ATTENDANCE_MINUTES_INVALID"),
        ({"status": "LATE", "minutes": 361}, 422, "ATTENDANCE_MINUTES_INVALID"),
        # Rule 23: a correction needs a reason and what it supersedes.
        ({"supersedes": START_COOP}, 422, "CORRECTION_REASON_REQUIRED"),
        ({"reason": "Sans rien corriger."}, 422, "CORRECTION_REASON_REQUIRED"),
        # What was held last month was not scanned today.
        ({"method": "QR"}, 422, "ATTENDANCE_METHOD_NOT_LIVE"),
    ],
)
async def test_a_bad_observation_is_refused_and_the_others_are_kept(
    stage: Stage, change: dict[str, Any], status: int, code: str
) -> None:
    thing, delegation = await stage.under_way(1)
    bad, good = (await stage.sheet(thing, delegation))[:2]
    results = await stage.send(thing, [bad | change, good])
    assert [result["status"] for result in results] == [status, 201]
    assert [error["code"] for error in results[0]["errors"]] == [code]
    again = await stage.send(thing, [bad])
    assert again[0]["status"] == 201


async def test_attendance_is_taken_while_a_session_runs_and_until_its_results(
    stage: Stage,
) -> None:
    """Rule 20: session in_progress/delivered."""
    thing = await stage.opened_late()
    delegation = await stage.enrolled(thing)
    events = await stage.sheet(thing, delegation)
    [early] = await stage.send(thing, events[:1])
    await stage.take(thing, "registration-closures", "starts")
    held_back, rest = events[:1], events[1:]
    assert {r["status"] for r in await stage.send(thing, rest)} == {201}
    await stage.assessed(delegation)
    await stage.take(thing, "deliveries")
    [late] = await stage.send(thing, held_back)
    await stage.decided(delegation)
    after = {**events[1], "client_event_id": str(uuid4())}
    [too_late_to_count] = await stage.send(thing, [after])
    await stage.take(thing, "result-validations")
    [over] = await stage.send(thing, [{**events[1], "client_event_id": str(uuid4())}])
    assert (early["status"], late["status"], over["status"]) == (422, 201, 422)
    assert too_late_to_count["warnings"] == ["AFTER_DECISION"]


async def test_a_slot_that_has_not_begun_has_no_attendance(stage: Stage) -> None:
    thing = await stage.opened()
    delegation = await stage.enrolled(thing, 1)
    await stage.take(thing, "registration-closures")
    plan = await (await stage.manager()).get(thing)
    with clock.shifted(shift_to(plan["starts_at"], timedelta(hours=1))):
        await stage.take(thing, "starts")
        stamp = {"captured_at": clock.wire(clock.now()), "method": "QR"}
        first, second = [e | stamp for e in (await stage.sheet(thing, delegation))[:2]]
        results = await stage.send(thing, [first, second])
    assert [result["status"] for result in results] == [201, 422]


async def test_a_scan_far_from_its_slot_is_flagged(stage: Stage) -> None:
    """An edited device clock is flagged, not refused: the scan happened."""
    thing = await stage.opened()
    delegation = await stage.enrolled(thing, 1)
    await stage.take(thing, "registration-closures")
    plan = await (await stage.manager()).get(thing)
    yesterday = shift_to(plan["starts_at"]) - timedelta(days=1)
    stamp = {"captured_at": clock.wire(clock.now() + yesterday), "method": "QR"}
    with clock.shifted(shift_to(plan["starts_at"], timedelta(hours=1))):
        await stage.take(thing, "starts")
        event = (await stage.sheet(thing, delegation))[0]
        [result] = await stage.send(thing, [event | stamp])
    assert (result["status"], result["warnings"]) == (201, ["CAPTURED_OUTSIDE_SLOT"])


async def test_a_session_without_attendance_was_not_delivered(stage: Stage) -> None:
    thing, delegation = await stage.under_way(1)
    events = await stage.sheet(thing, delegation)
    await stage.send(thing, events[:3])
    answer = await (await stage.trainer()).act(thing, "deliveries")
    assert problem(answer)["code"] == "ATTENDANCE_MISSING"
    assert problem(answer)["slot_ids"] == [events[3]["slot_id"]]


async def test_only_the_trainers_of_a_session_take_its_attendance(stage: Stage) -> None:
    thing, delegation = await stage.under_way(1)
    batch: dict[str, Any] = {
        "training_session_id": thing.rpartition("/")[2],
        "events": await stage.sheet(thing, delegation),
    }
    stranger = await stage.desk(somebody("trainer"))
    assert (await stranger.post("/v1/attendance-events", batch)).status_code == 404
    assert (await stranger.client.get(f"{thing}/attendance-sheet")).status_code == 404
    too_many = await stranger.post(
        "/v1/attendance-events", batch | {"events": batch["events"] * 126}
    )
    assert codes(too_many) == {"FIELD_INVALID"}


async def test_someone_who_left_is_not_seen_any_more(stage: Stage) -> None:
    thing = await stage.opened()
    delegation = await stage.enrolled(thing, 2)
    seat = delegation["enrolments"][0]["id"]
    await (await stage.group()).done(f"/v1/enrolments/{seat}", "withdrawals")
    await stage.take(thing, "registration-closures")
    plan = await (await stage.manager()).get(thing)
    with clock.shifted(shift_to(plan["starts_at"], timedelta(hours=1))):
        await stage.take(thing, "starts")
        event = (await stage.sheet(thing, delegation))[0]
        event |= {"captured_at": clock.wire(clock.now())}
        [result] = await stage.send(thing, [event])
    assert (result["status"], result["errors"][0]["code"]) == (409, "ENROLMENT_WITHOUT_SEAT")
