"""Certificates: issued for results, open badges that anybody verifies, never deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis import clock
from chassis.ids import new_code, new_id
from services.training.certificates.states import CertificateStatus, live_status
from tests.town import Identity, codes, problem
from tests.training.badges import credential, told, verification
from tests.training.makers import SCOPES, somebody
from tests.training.stage import Stage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_anyone_verifies_by_code_and_learns_no_name_of_a_person(stage: Stage) -> None:
    certificate = await stage.certified()
    seen = await verification(stage, certificate)
    assert (seen["kind"], seen["status"], seen["status_reason"]) == ("TRAINING", "VALID", None)
    facts = seen["facts"]
    assert (facts["holder_name"], facts["programme_code"]) == ("Femmes de Diendé", "START_COOP")
    assert facts["awarded_on"] == clock.today().isoformat()
    assert seen["credential"] == await credential(stage, certificate)
    assert seen["credential_url"].endswith(f"/{certificate['id']}/credential")
    assert seen["kid"].startswith("trn-")
    assert "Diatta" not in str(seen)


@pytest.mark.parametrize(
    "code",
    [new_code("T"), new_code("R"), "T123", "%00", "T" + "é" * 13],
    ids=["well-formed", "registry's", "short", "nul", "accents"],
)
async def test_an_unknown_code_is_not_found(stage: Stage, code: str) -> None:
    answer = await (await stage.desk(None)).client.get(f"/v1/verifications/{code}")
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")


async def test_the_clock_decides_what_a_certificate_is_worth(stage: Stage) -> None:
    certificate = await stage.certified()
    with clock.shifted(timedelta(days=-1)):
        assert (await verification(stage, certificate))["status"] == "NOT_YET_VALID"


@pytest.mark.parametrize(
    ("status", "after", "expected"),
    [
        ("ISSUED", timedelta(), "VALID"),
        ("ISSUED", timedelta(seconds=-1), "NOT_YET_VALID"),
        ("ISSUED", timedelta(days=365), "EXPIRED"),
        ("ISSUED", timedelta(days=364), "VALID"),
        ("SUSPENDED", timedelta(days=365), "SUSPENDED"),
        ("REVOKED", timedelta(days=365), "REVOKED"),
        ("SUPERSEDED", timedelta(seconds=-1), "SUPERSEDED"),
    ],
)
def test_expired_and_not_yet_valid_are_computed(
    status: str, after: timedelta, expected: str
) -> None:
    """Domain: «expired», «not_yet_valid» are computed; what ended for good says more."""
    until = NOON + timedelta(days=365)
    assert live_status(CertificateStatus(status), NOON, until, NOON + after) == expected


async def test_no_certificate_before_the_results_are_final(stage: Stage) -> None:
    """Rule 26: certificate only if decision achieved/participated."""
    _, delegation = await stage.delivered()
    decision = await stage.decided(delegation)
    body = {"completion_decision_id": decision["id"]}
    answer = await (await stage.manager()).post("/v1/training-certificates", body)
    assert (answer.status_code, problem(answer)["code"]) == (409, "NOT_ELIGIBLE_FOR_CERTIFICATE")
    assert problem(answer)["session_status"] == "DELIVERED"


async def test_whoever_never_came_gets_no_certificate(stage: Stage) -> None:
    thing, delegation = await stage.under_way()
    await stage.send(thing, await stage.sheet(thing, delegation, absent=7))
    await stage.take(thing, "deliveries")
    decision = await stage.decided(delegation)
    assert decision["outcome"] == "NOT_MET"
    await stage.take(thing, "result-validations")
    body = {"completion_decision_id": decision["id"]}
    answer = await (await stage.manager()).post("/v1/training-certificates", body)
    assert problem(answer)["code"] == "NOT_ELIGIBLE_FOR_CERTIFICATE"


async def test_one_certificate_stands_for_a_decision(stage: Stage) -> None:
    """Rule 27: one active certificate per (subject, achievement, enrolment)."""
    certificate = await stage.certified()
    body = {"completion_decision_id": certificate["completion_decision_id"]}
    answer = await (await stage.manager()).post("/v1/training-certificates", body)
    assert (answer.status_code, problem(answer)["code"]) == (409, "CERTIFICATE_EXISTS")
    assert problem(answer)["certificate_id"] == certificate["id"]


async def test_a_corrected_certificate_supersedes_the_old_one(stage: Stage) -> None:
    old = await stage.certified()
    manager = await stage.manager()
    body = {"completion_decision_id": old["completion_decision_id"], "supersedes": old["id"]}
    new = await manager.make("/v1/training-certificates", body)
    rest = await (await stage.group()).get("/v1/training-certificates?limit=1")
    older = await (await stage.group()).get(rest["next"].removeprefix("http://gateway"))
    assert [item["id"] for item in rest["items"] + older["items"]] == [new["id"], old["id"]]
    assert (await verification(stage, old))["status"] == "SUPERSEDED"
    assert (await verification(stage, new))["status"] == "VALID"
    assert new["number"] != old["number"]
    again = await manager.post("/v1/training-certificates", body)
    assert codes(again) == {"NOT_STANDING"}
    assert await told(stage, old) == ["issued", "revoked SUPERSEDED"]
    assert await told(stage, new) == ["issued"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/training-certificates", "completion_decision_id"),
        ("/v1/completion-decisions", "delegation_id"),
    ],
)
async def test_what_is_decided_of_nothing_is_not_found(stage: Stage, path: str, name: str) -> None:
    answer = await (await stage.manager()).post(path, {name: str(new_id())})
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")


async def test_a_certificate_concerns_its_group_and_its_territory(stage: Stage) -> None:
    certificate = await stage.certified()
    thing = f"/v1/training-certificates/{certificate['id']}"
    group = await stage.group()
    assert await group.get(thing) == certificate
    listed = await group.get("/v1/training-certificates")
    assert [item["id"] for item in listed["items"]] == [certificate["id"]]
    elsewhere = Identity(scope=SCOPES["training_manager"], territory=["SN-DK"])
    for who in (somebody("cooperative"), somebody("third_party"), elsewhere):
        desk = await stage.desk(who)
        for address in (thing, f"{thing}/credential"):
            assert (await desk.client.get(address)).status_code == 404
    desk = await stage.desk(elsewhere)
    answer = await desk.post(f"{thing}/suspensions", {}, **{"If-Match": '"1"'})
    assert answer.status_code == 404
    body = {"completion_decision_id": certificate["completion_decision_id"]}
    assert (await desk.post("/v1/training-certificates", body)).status_code == 404
