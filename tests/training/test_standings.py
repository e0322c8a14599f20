"""What becomes of a certificate: suspended, reinstated, revoked by two, never deleted."""

from typing import Any

import pytest

from chassis.ids import new_id
from tests.town import codes, problem
from tests.training.badges import told, verification
from tests.training.makers import somebody
from tests.training.stage import Stage

SUSPENSION = {"reason_code": "UNDER_INQUIRY", "note": "Plainte d'un membre du groupe."}
REVOCATION = {"reason_code": "FRAUD", "note": "Feuilles de présence falsifiées."}
WHY = {"reason": "La plainte a été retirée."}


async def test_a_suspended_certificate_can_be_reinstated(stage: Stage) -> None:
    certificate = await stage.certified()
    manager, thing = await stage.manager(), f"/v1/training-certificates/{certificate['id']}"
    await manager.done(thing, "suspensions", SUSPENSION)
    seen = await verification(stage, certificate)
    assert (seen["status"], seen["status_reason"]) == ("SUSPENDED", "UNDER_INQUIRY")
    assert "Plainte" not in str(seen)
    await manager.done(thing, "reinstatements", WHY)
    seen = await verification(stage, certificate)
    assert (seen["status"], seen["status_reason"]) == ("VALID", None)
    assert await told(stage, certificate) == ["issued", "suspended UNDER_INQUIRY", "reinstated"]


async def test_revocation_needs_two_persons_and_a_reason_and_is_for_ever(stage: Stage) -> None:
    """Rules 29 and 30: reason + second approver ≠ first; un-revoke → 409."""
    certificate = await stage.certified()
    manager, thing = await stage.manager(), f"/v1/training-certificates/{certificate['id']}"
    proposal = await manager.done(thing, "revocations", REVOCATION)
    assert (await verification(stage, certificate))["status"] == "VALID"
    approval = {"revocation_id": proposal["id"]}
    alone = await manager.act(thing, "revocation-approvals", approval)
    assert (alone.status_code, problem(alone)["code"]) == (403, "FOUR_EYES")
    second = await stage.desk(somebody("training_manager"))
    assert (await second.done(thing, "revocation-approvals", approval))["status"] == "REVOKED"
    seen = await verification(stage, certificate)
    assert (seen["status"], seen["status_reason"]) == ("REVOKED", "FRAUD")
    later = await manager.get(f"{thing}/revocations?limit=1")
    assert later["next"] is None
    [listed] = later["items"]
    assert (listed["proposed_by"], listed["approved_by"] is not None) == (
        stage.cast.manager.sub,
        True,
    )
    assert await told(stage, certificate) == ["issued", "revoked FRAUD"]
    for noun, body in (
        ("reinstatements", WHY),
        ("suspensions", SUSPENSION),
        ("revocations", REVOCATION),
        ("revocation-approvals", approval),
    ):
        answer = await manager.act(thing, noun, body)
        assert (answer.status_code, problem(answer)["code"]) == (409, "REVOCATION_IRREVERSIBLE")
    body = {"completion_decision_id": certificate["completion_decision_id"]}
    assert (await manager.make("/v1/training-certificates", body))["status"] == "ISSUED"


@pytest.mark.parametrize(
    "body",
    [{"note": REVOCATION["note"]}, {**REVOCATION, "reason_code": "MOOD"}, {"reason_code": "FRAUD"}],
)
async def test_a_revocation_without_a_known_reason_is_refused(
    stage: Stage, body: dict[str, Any]
) -> None:
    """Rule 29: revocation reason required."""
    thing = f"/v1/training-certificates/{(await stage.certified())['id']}"
    answer = await (await stage.manager()).act(thing, "revocations", body)
    assert codes(answer) <= {"FIELD_MISSING", "FIELD_INVALID"}


async def test_a_manager_may_have_said_it_before(stage: Stage) -> None:
    thing = f"/v1/training-certificates/{(await stage.certified())['id']}"
    manager = await stage.manager()
    made = [(await manager.done(thing, "revocations", REVOCATION))["id"] for _ in range(3)]
    first = await manager.get(f"{thing}/revocations?limit=2")
    rest = await manager.get(first["next"].removeprefix("http://gateway"))
    assert [item["id"] for item in first["items"] + rest["items"]] == made


@pytest.mark.parametrize(
    "noun", ["suspensions", "reinstatements", "revocations", "revocation-approvals"]
)
async def test_what_touches_a_certificate_needs_the_version_that_was_read(
    stage: Stage, noun: str
) -> None:
    thing = f"/v1/training-certificates/{(await stage.certified())['id']}"
    bodies = {"suspensions": SUSPENSION, "reinstatements": WHY, "revocations": REVOCATION}
    body = bodies.get(noun, {"revocation_id": str(new_id())})
    manager = await stage.manager()
    without = await manager.post(f"{thing}/{noun}", body)
    stale = await manager.post(f"{thing}/{noun}", body, **{"If-Match": '"9"'})
    assert (without.status_code, stale.status_code) == (428, 412)


async def test_a_proposal_is_approved_where_it_was_made(stage: Stage) -> None:
    one = await stage.certified()
    other = await Stage(stage.town, stage._stack).certified()
    second = await stage.desk(somebody("training_manager"))
    made = await (await stage.manager()).done(
        f"/v1/training-certificates/{one['id']}", "revocations", REVOCATION
    )
    answer = await second.act(
        f"/v1/training-certificates/{other['id']}",
        "revocation-approvals",
        {"revocation_id": made["id"]},
    )
    assert codes(answer) == {"REVOCATION_UNKNOWN"}


@pytest.mark.parametrize(
    ("first", "noun", "body"),
    [
        (None, "reinstatements", WHY),
        ("suspensions", "suspensions", SUSPENSION),
    ],
)
async def test_a_certificate_refuses_an_act_at_the_wrong_moment(
    stage: Stage, first: str | None, noun: str, body: dict[str, Any]
) -> None:
    thing = f"/v1/training-certificates/{(await stage.certified())['id']}"
    manager = await stage.manager()
    if first is not None:
        await manager.done(thing, first, body)
    answer = await manager.act(thing, noun, body)
    assert (answer.status_code, problem(answer)["code"]) == (409, "ILLEGAL_TRANSITION")
