"""Assessments: whether the work of a group is good enough, and who may say so."""

from typing import Any
from uuid import uuid4

import pytest

from tests.town import Identity, codes, problem
from tests.training.makers import SCOPES, an_assessment, somebody
from tests.training.stage import Stage


async def test_a_reworked_deliverable_is_a_new_attempt_and_the_latest_counts(
    stage: Stage,
) -> None:
    thing, delegation = await stage.under_way()
    await stage.send(thing, await stage.sheet(thing, delegation))
    await stage.assessed(delegation)
    await stage.assessed(delegation, "BUSINESS_PLAN", outcome="TO_REWORK")
    await stage.take(thing, "deliveries")
    desk = await stage.group()
    page = await desk.get(f"/v1/assessments?delegation_id={delegation['id']}&limit=3")
    rest = await desk.get(page["next"].removeprefix("http://gateway"))
    seen = page["items"] + rest["items"]
    plans = [(i["attempt"], i["outcome"]) for i in seen if i["deliverable_code"] == "BUSINESS_PLAN"]
    assert plans == [(1, "ACCEPTED"), (2, "TO_REWORK")]
    assert await desk.get(f"/v1/assessments/{seen[0]['id']}") == seen[0]
    decision = await stage.decided(delegation)
    assert decision["outcome"] == "PARTICIPATED"
    assert decision["inputs"]["missing_deliverables"] == ["BUSINESS_PLAN"]


@pytest.mark.parametrize(
    "change", [{"module_code": "M2"}, {"deliverable_code": "POEM"}, {"module_code": "M9"}]
)
async def test_only_what_the_module_expects_is_assessed(
    stage: Stage, change: dict[str, Any]
) -> None:
    _, delegation = await stage.under_way()
    answer = await (await stage.trainer()).post(
        "/v1/assessments", an_assessment(delegation, **change)
    )
    assert codes(answer) == {"DELIVERABLE_NOT_EXPECTED"}


async def test_work_is_assessed_while_a_session_runs(stage: Stage) -> None:
    delegation = await stage.enrolled(await stage.opened_late())
    answer = await (await stage.trainer()).post("/v1/assessments", an_assessment(delegation))
    assert (problem(answer)["code"], problem(answer)["current_status"]) == (
        "ILLEGAL_TRANSITION",
        "OPEN",
    )


async def test_nobody_assesses_after_the_decision(stage: Stage) -> None:
    _, delegation = await stage.delivered()
    await stage.decided(delegation)
    answer = await (await stage.trainer()).post("/v1/assessments", an_assessment(delegation))
    assert (answer.status_code, problem(answer)["code"]) == (409, "COMPLETION_ALREADY_DECIDED")


async def test_whoever_speaks_for_the_group_does_not_assess_it(stage: Stage) -> None:
    """Rule 25: assessor ≠ learner."""
    both = Identity(scope=f"{SCOPES['trainer']} training:enrol", org=stage.cast.cooperative.org)
    thing = await stage.opened_late(co_trainer_subs=[both.sub])
    desk = await stage.desk(both)
    delegation = await desk.make("/v1/delegations", await stage.wish(thing))
    await stage.take(thing, "registration-closures", "starts")
    answer = await desk.post("/v1/assessments", an_assessment(delegation))
    assert (answer.status_code, problem(answer)["code"]) == (403, "FOUR_EYES")


async def test_the_work_of_a_session_of_others_looks_absent(stage: Stage) -> None:
    _, delegation = await stage.under_way()
    stranger = await stage.desk(somebody("trainer"))
    assert (await stranger.post("/v1/assessments", an_assessment(delegation))).status_code == 404
    unknown = {"id": str(uuid4())}
    assert (await stranger.post("/v1/assessments", an_assessment(unknown))).status_code == 404
    listed = await stranger.client.get(f"/v1/assessments?delegation_id={delegation['id']}")
    assert listed.status_code == 404
