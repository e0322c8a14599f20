"""Results: what is assessed, how completion follows from the rule, and who may say so."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from services.training.completions import rules
from services.training.tools.schemas import CompletionRule
from tests.town import Identity, problem
from tests.training.makers import DELIVERABLES, SCOPES, an_assessment, members, somebody
from tests.training.stage import Stage

RULE = CompletionRule(
    version=1, min_attendance_percent="75", min_members_completing=5, deliverables=("IDEA", "PLAN")
)


def learner(minutes: int, *, is_woman: bool = True, is_young: bool = False) -> rules.Learner:
    return rules.Learner(uuid4(), minutes, 1440, is_woman, is_young)


@pytest.mark.parametrize(
    ("present", "accepted", "outcome", "trained"),
    [
        # Completion is judged at both levels: enough members, and every deliverable of the group.
        ([1440] * 7, {"IDEA", "PLAN"}, "ACHIEVED", 7),
        ([1080] * 5 + [1079] * 2, {"IDEA", "PLAN"}, "ACHIEVED", 5),
        ([1080] * 4 + [1079] * 3, {"IDEA", "PLAN"}, "PARTICIPATED", 0),
        ([1440] * 7, {"IDEA"}, "PARTICIPATED", 0),
        ([0] * 6 + [1], set(), "PARTICIPATED", 0),
        ([0] * 7, {"IDEA", "PLAN"}, "NOT_MET", 0),
        ([], {"IDEA", "PLAN"}, "NOT_MET", 0),
    ],
)
def test_completion_follows_from_the_rule(
    present: list[int], accepted: set[str], outcome: str, trained: int
) -> None:
    verdict = rules.decide(RULE, [learner(minutes) for minutes in present], accepted)
    assert (verdict.outcome.value, len(verdict.trained)) == (outcome, trained)


def test_a_session_without_minutes_completes_nobody() -> None:
    nothing = rules.Learner(uuid4(), 0, 0, is_woman=True, is_young=True)
    assert not nothing.attended_enough(RULE)


async def test_a_decision_keeps_all_that_it_was_decided_from(stage: Stage) -> None:
    _, delegation = await stage.delivered(absent=2)
    decision = await stage.decided(delegation)
    assert (decision["outcome"], decision["members_trained"]) == ("ACHIEVED", 5)
    assert (decision["women_trained"], decision["youth_trained"]) == (5, 5)
    inputs = decision["inputs"]
    assert inputs["rule"]["version"] == 1
    assert inputs["deliverables"].keys() == set(DELIVERABLES)
    assert inputs["is_recorded_late"] is True
    assert [one["attended_enough"] for one in inputs["learners"]] == [True] * 5 + [False] * 2
    assert {one["minutes_planned"] for one in inputs["learners"]} == {1440}
    read = await (await stage.group()).get(f"/v1/completion-decisions/{decision['id']}")
    assert read == decision
    stranger = await stage.desk(somebody("cooperative"))
    answer = await stranger.client.get(f"/v1/completion-decisions/{decision['id']}")
    assert answer.status_code == 404


async def test_a_decision_is_taken_once_even_if_two_take_it(stage: Stage) -> None:
    _, delegation = await stage.delivered()
    colleague = await stage.desk(somebody("training_manager"))
    manager = await stage.manager()
    body = {"delegation_id": delegation["id"]}
    answers = await asyncio.gather(
        *(desk.post("/v1/completion-decisions", body) for desk in (manager, colleague) * 2)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = {problem(a)["code"] for a in answers if a.status_code == 409}
    assert refused == {"COMPLETION_ALREADY_DECIDED"}


async def test_a_decision_waits_for_the_delivery(stage: Stage) -> None:
    _, delegation = await stage.under_way()
    answer = await (await stage.manager()).post(
        "/v1/completion-decisions", {"delegation_id": delegation["id"]}
    )
    assert (answer.status_code, problem(answer)["current_status"]) == (409, "IN_PROGRESS")


async def _everything(stage: Stage, **plan: Any) -> tuple[str, dict[str, Any]]:
    thing = await stage.opened_late(**plan)
    delegation = await stage.enrolled(thing)
    await stage.take(thing, "registration-closures", "starts")
    await stage.send(thing, await stage.sheet(thing, delegation))
    await stage.assessed(delegation)
    await stage.take(thing, "deliveries")
    return thing, delegation


async def test_neither_the_lead_trainer_nor_an_assessor_decides(stage: Stage) -> None:
    """Rule 25 and the brief of completion: decided by somebody who neither led nor assessed."""
    both = f"{SCOPES['trainer']} training:manage"
    lead = Identity(scope=both, territory=["SN"])
    stage.cast.trainer = lead
    assistant = Identity(scope=both, territory=["SN"])
    thing, delegation = await _everything(stage, co_trainer_subs=[assistant.sub])
    body = {"delegation_id": delegation["id"]}
    refused = await (await stage.desk(lead)).post("/v1/completion-decisions", body)
    assert (refused.status_code, problem(refused)["code"]) == (403, "FOUR_EYES")
    # An assistant who assessed nothing is far enough away.
    made = await (await stage.desk(assistant)).post("/v1/completion-decisions", body)
    assert made.status_code == 201
    validated = await (await stage.desk(lead)).act(thing, "result-validations")
    assert (validated.status_code, problem(validated)["code"]) == (403, "FOUR_EYES")


async def test_an_assessor_does_not_decide(stage: Stage) -> None:
    assistant = Identity(scope=f"{SCOPES['trainer']} training:manage", territory=["SN"])
    thing = await stage.opened_late(co_trainer_subs=[assistant.sub])
    delegation = await stage.enrolled(thing)
    await stage.take(thing, "registration-closures", "starts")
    await stage.send(thing, await stage.sheet(thing, delegation))
    desk = await stage.desk(assistant)
    await desk.make("/v1/assessments", an_assessment(delegation))
    await stage.take(thing, "deliveries")
    answer = await desk.post("/v1/completion-decisions", {"delegation_id": delegation["id"]})
    assert problem(answer)["code"] == "FOUR_EYES"


async def test_results_are_valid_when_every_group_that_came_has_its_decision(
    stage: Stage,
) -> None:
    """Guard of RESULTS_VALIDATED: each `attending` has a decision."""
    thing, delegation = await stage.delivered()
    manager = await stage.manager()
    answer = await manager.act(thing, "result-validations")
    assert (answer.status_code, problem(answer)["code"]) == (409, "DECISION_MISSING")
    assert problem(answer)["delegation_ids"] == [delegation["id"]]


async def test_validation_ends_every_enrolment_where_it_belongs_and_tells_the_others(
    stage: Stage,
) -> None:
    thing = await stage.opened_late()
    present = await stage.enrolled(thing, members=members(8))
    absent = await stage.enrolled(thing, 2)
    await stage.take(thing, "registration-closures", "starts")
    sheet = await stage.sheet(thing, present)
    slot = sheet[0]["slot_id"]
    keep = [e for e in sheet if e["enrolment_id"] != present["enrolments"][7]["id"]]
    brief = [e for e in sheet if e not in keep and e["slot_id"] == slot]
    await stage.send(thing, keep + brief)
    await stage.assessed(present)
    await stage.take(thing, "deliveries")
    await stage.decided(present)
    await stage.take(thing, "result-validations")
    group = await stage.group()
    seen = await group.get(f"/v1/delegations/{present['id']}")
    assert [s["status"] for s in seen["enrolments"]] == ["COMPLETED"] * 7 + ["PARTICIPATED"]
    missed = await group.get(f"/v1/delegations/{absent['id']}")
    assert {seat["status"] for seat in missed["enrolments"]} == {"NO_SHOW"}
    reads = stage.town.apps["training"].state.reads
    told = await reads.fetch(
        "select aggregate, data from event_log where data->>'training_session_id' = $1",
        thing.rpartition("/")[2],
    )
    assert [row["aggregate"] for row in told] == [f"delegation/{present['id']}"]
    assert told[0]["data"] | {"delegation_id": "", "training_session_id": ""} == {
        "delegation_id": "",
        "training_session_id": "",
        "initiative_id": present["initiative_id"],
        "cooperative_id": None,
        "organisation_id": present["organisation_id"],
        "tool_code": "START_COOP",
        "programme_code": "START_COOP",
        "outcome": "ACHIEVED",
        "decided_on": told[0]["data"]["decided_on"],
        "members_trained": 7,
        "women_trained": 7,
        "youth_trained": 7,
    }
    lanes = await reads.fetch(
        "select consumer from event_lane where aggregate = $1 order by 1",
        f"delegation/{present['id']}",
    )
    assert [lane["consumer"] for lane in lanes] == ["financing", "registry"]


@pytest.mark.parametrize(
    "table",
    [
        "attendance_event",
        "assessment",
        "completion_decision",
        "certificate_credential",
        "transition",
    ],
)
async def test_what_was_recorded_is_never_rewritten(stage: Stage, table: str) -> None:
    await stage.certified()
    reads = stage.town.apps["training"].state.reads
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reads.fetch(f"delete from {table}")
