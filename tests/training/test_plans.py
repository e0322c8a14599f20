"""Plans of sessions: drafted, revised, put forward, approved."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from services.training.sessions import rules
from services.training.sessions.models import SessionSlot
from services.training.tools.schemas import Module
from tests.town import codes, problem
from tests.training.makers import (
    COMMUNE,
    MODULES,
    a_plan,
    now,
    slots,
    somebody,
)
from tests.training.stage import Stage

THINK_COOP = "019a0000-0000-7000-8000-000000000011"


async def test_a_plan_is_drafted_read_and_revised(stage: Stage) -> None:
    thing = await stage.planned(slots=[])
    manager = await stage.manager()
    seen = await manager.client.get(thing)
    assert (seen.json()["status"], seen.json()["slots"]) == ("DRAFT", [])
    patch = {"slots": slots(now() + timedelta(days=20)), "venue_name": "Case des tout-petits"}
    revised = await manager.client.patch(
        thing, json=patch, headers={"If-Match": seen.headers["etag"]}
    )
    assert revised.status_code == 200, revised.text
    assert revised.headers["etag"] == '"2"'
    again = await manager.get(thing)
    assert len(again["slots"]) == 4
    assert (again["venue_name"], again["commune_code"]) == ("Case des tout-petits", COMMUNE)


async def test_null_clears_a_venue_but_not_a_trainer(stage: Stage) -> None:
    thing = await stage.planned()
    client = (await stage.manager()).client
    cleared = await client.patch(thing, json={"venue_name": None}, headers={"If-Match": '"1"'})
    assert cleared.json()["venue_name"] is None
    kept = await client.patch(thing, json={"lead_trainer_sub": None}, headers={"If-Match": '"2"'})
    assert codes(kept) == {"FIELD_INVALID"}


async def test_only_a_plan_can_be_revised(stage: Stage) -> None:
    thing = await stage.opened()
    client = (await stage.manager()).client
    etag = (await client.get(thing)).headers["etag"]
    answer = await client.patch(thing, json={"language": "wo"}, headers={"If-Match": etag})
    assert problem(answer)["code"] == "ILLEGAL_TRANSITION"
    assert "CLOSE_REGISTRATION" in problem(answer)["allowed_actions"]


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"capacity": 0}, "FIELD_INVALID", "/capacity"),  # Rule 9: capacity integer ≥ 1, never 0.
        ({"min_participants": 21}, "INVALID_CAPACITY", "/min_participants"),  # Rule 9: min ≤ max.
        ({"reserved_women": 21}, "INVALID_CAPACITY", "/reserved_women"),
        ({"reserved_youth": 21}, "INVALID_CAPACITY", "/reserved_youth"),
        ({"commune_code": "SN-DK"}, "COMMUNE_UNKNOWN", "/commune_code"),
        ({"programme_version_id": COMMUNE}, "FIELD_INVALID", "/programme_version_id"),
        (
            {"programme_version_id": "019a0000-0000-7000-8000-0000000000ff"},
            "PROGRAMME_UNKNOWN",
            "/programme_version_id",
        ),
        ({"recorded_late": {"reason": "tard"}}, "FIELD_INVALID", "/recorded_late/reason"),
        ({"surprise": 1}, "FIELD_UNKNOWN", "/surprise"),
    ],
)
async def test_a_bad_plan_is_named_and_located(
    stage: Stage, change: dict[str, Any], code: str, pointer: str
) -> None:
    plan = a_plan(stage.cast.trainer, **change)
    answer = await (await stage.manager()).post("/v1/training-sessions", plan)
    assert answer.status_code == 422
    [finding] = problem(answer)["errors"]
    assert (finding["code"], finding["pointer"]) == (code, pointer)


async def test_one_plans_in_ones_own_territory(stage: Stage) -> None:
    elsewhere = await stage.desk(somebody("training_manager", territory=["SN-DK"]))
    answer = await elsewhere.post("/v1/training-sessions", a_plan(stage.cast.trainer))
    assert codes(answer) == {"COMMUNE_OUTSIDE_TERRITORY"}


FIRST = now() + timedelta(days=10)
SLOT = slots(FIRST)[0]


@pytest.mark.parametrize(
    "bad", [[SLOT, SLOT], [SLOT | {"ends_at": SLOT["starts_at"]}]], ids=["overlap", "no length"]
)
async def test_slots_that_cannot_be_are_refused(stage: Stage, bad: list[Any]) -> None:
    """Rule 19: slots inside session dates, no overlap."""
    manager = await stage.manager()
    answer = await manager.post("/v1/training-sessions", a_plan(stage.cast.trainer, slots=bad))
    assert codes(answer) == {"INVALID_TIMETABLE"}
    thing = await stage.planned()
    patched = await manager.client.patch(thing, json={"slots": bad}, headers={"If-Match": '"1"'})
    assert codes(patched) == {"INVALID_TIMETABLE"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        # Rule 19: slots ≥ module minutes; every mandatory module is taught.
        ({"slots": slots(FIRST, days=3)}, {"INVALID_TIMETABLE"}),
        ({"slots": []}, {"INVALID_TIMETABLE"}),
        # Rule 9: capacity within the version's minimum and maximum.
        ({"capacity": 41}, {"CAPACITY_OUTSIDE_PROGRAMME"}),
        ({"capacity": 4}, {"CAPACITY_OUTSIDE_PROGRAMME"}),
        ({"language": "en"}, {"LANGUAGE_NOT_TAUGHT"}),
        ({"registration_closes_at": None}, {"REGISTRATION_WINDOW_INVALID"}),
        (
            {"registration_closes_at": (FIRST + timedelta(days=2)).isoformat()},
            {"REGISTRATION_WINDOW_INVALID"},
        ),
        (
            {"slots": slots(now() - timedelta(days=30))},
            {"SLOT_IN_PAST", "REGISTRATION_WINDOW_INVALID"},
        ),
    ],
)
async def test_a_plan_is_not_put_forward_before_it_is_whole(
    stage: Stage, change: dict[str, Any], found: set[str]
) -> None:
    thing = await stage.planned(**change)
    answer = await (await stage.manager()).act(thing, "submissions")
    assert answer.status_code == 422
    assert codes(answer) == found


async def test_only_a_published_version_is_taught(stage: Stage) -> None:
    """Rule 18: programme/tool version published."""
    thing = await stage.planned(programme_version_id=THINK_COOP)
    answer = await (await stage.manager()).act(thing, "submissions")
    assert (answer.status_code, problem(answer)["code"]) == (409, "VERSION_NOT_PUBLISHED")


async def test_a_trainer_is_in_one_place_at_a_time_even_if_two_approve_at_once(
    stage: Stage,
) -> None:
    """Rule 16: trainer overlap."""
    things = [await stage.planned() for _ in range(4)]
    for thing in things:
        await stage.take(thing, "submissions")
    manager = await stage.manager()
    answers = await asyncio.gather(*(manager.act(thing, "approvals") for thing in things))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {problem(a)["code"] for a in answers if a.status_code == 409} == {"RESOURCE_CONFLICT"}


async def test_a_co_trainer_is_bound_as_well(stage: Stage) -> None:
    helper = somebody("trainer")
    await stage.opened(co_trainer_subs=[helper.sub])
    other = await stage.planned(lead_trainer_sub=helper.sub)
    await stage.take(other, "submissions")
    answer = await (await stage.manager()).act(other, "approvals")
    assert problem(answer)["code"] == "RESOURCE_CONFLICT"


def test_every_mandatory_module_and_every_minute_is_asked_for() -> None:
    """Rule 19: slots ≥ module minutes."""
    modules = [
        Module(
            code=code, title_fr="", title_en="", minutes=90, expected_output=None, is_mandatory=True
        )
        for code in MODULES[:2]
    ]
    slot = SessionSlot(
        id=new_id(),
        training_session_id=new_id(),
        starts_at=FIRST,
        ends_at=FIRST + timedelta(minutes=120),
        module_codes=["M1", "M9"],
    )
    found = [finding.params["expected"] for finding in rules.slots_cover_modules([slot], modules)]
    assert found == ["total_minutes", "unknown_module:M9", "missing_module:M2"]
