"""Certificates: issued for results, open badges that anybody verifies, never deleted."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey
from jsonschema import Draft201909Validator, FormatChecker

from chassis import clock
from chassis.ids import new_code, new_id
from chassis.keys import new_private_jwk, public_jwk
from services.training.certificates import rules
from services.training.certificates.states import CertificateStatus, live_status
from tests.town import Identity, codes, problem
from tests.training.makers import SCOPES, somebody
from tests.training.stage import Stage

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "ob3_achievementcredential.schema.json").read_text()
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def payload(jwt: str) -> dict[str, Any]:
    part = jwt.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


async def credential(stage: Stage, certificate: dict[str, Any]) -> str:
    address = f"/v1/training-certificates/{certificate['id']}/credential"
    answer = await (await stage.group()).client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


async def verification(stage: Stage, certificate: dict[str, Any]) -> dict[str, Any]:
    nobody = await stage.desk(None)
    return await nobody.get(f"/v1/verifications/{certificate['verification_code']}")


async def test_a_certificate_is_an_open_badge_of_the_group(stage: Stage) -> None:
    certificate = await stage.certified()
    said = payload(await credential(stage, certificate))
    validator = Draft201909Validator(SCHEMA, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(said)] == []
    subject = said["credentialSubject"]
    assert subject["identifier"][0]["identityHash"] == certificate["holder_name"]
    assert subject["achievement"]["achievementType"] == "CertificateOfCompletion"
    assert "CC BY-NC-SA 4.0" in subject["achievement"]["description"]
    assert "après sa tenue" in said["evidence"][0]["narrative"]
    assert "Diatta" not in json.dumps(said)
    assert "credentialStatus" not in said


async def test_the_claims_equal_their_twins_in_the_credential(stage: Stage) -> None:
    """OB 3.0 JWT proof: iss, jti, sub, nbf must equal issuer.id, id, subject.id, validFrom."""
    jwt = await credential(stage, await stage.certified())
    said = payload(jwt)
    header = jws.extract_compact(jwt.encode()).headers()
    assert (said["iss"], said["jti"]) == (said["issuer"]["id"], said["id"])
    assert said["sub"] == said["credentialSubject"]["id"]
    assert said["nbf"] == datetime.fromisoformat(said["validFrom"]).timestamp()
    assert "exp" not in said
    assert header.keys() == {"alg", "kid"}
    assert header["alg"] == "ES256"


async def test_the_key_is_found_at_the_address_in_the_header(stage: Stage) -> None:
    """OB 3.0: kid is a URL that dereferences to a bare JWK."""
    jwt = await credential(stage, await stage.certified())
    kid = jws.extract_compact(jwt.encode()).headers()["kid"]
    nobody = await stage.desk(None)
    key = await nobody.get(kid.removeprefix("http://gateway"))
    assert (key["kty"], key["kid"][:4]) == ("EC", "trn-")
    assert "d" not in key
    assert jws.deserialize_compact(jwt, ECKey.import_key(key)).payload
    absent = await nobody.client.get("/v1/signing-keys/trn-202601-absent")
    assert absent.status_code == 404


async def test_a_tampered_credential_and_another_key_are_refused(stage: Stage) -> None:
    jwt = await credential(stage, await stage.certified())
    kid = jws.extract_compact(jwt.encode()).headers()["kid"]
    key = await (await stage.desk(None)).get(kid.removeprefix("http://gateway"))
    header, body, signature = jwt.split(".")
    forged = json.dumps({**payload(jwt), "name": "Doctorat"}).encode()
    tampered = f"{header}.{base64.urlsafe_b64encode(forged).rstrip(b'=').decode()}.{signature}"
    other = ECKey.import_key(public_jwk(new_private_jwk("trn-other")))
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(tampered, ECKey.import_key(key))
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(f"{header}.{body}.{signature}", other)


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


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-03-01", None, None),
        ("2026-03-01", 36, "2029-03-01"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2026-01-31", 12, "2027-01-31"),
    ],
)
def test_validity_is_counted_in_calendar_months(
    day: str, months: int | None, expected: str | None
) -> None:
    until = rules.valid_until(datetime.fromisoformat(f"{day}T00:00:00Z"), months)
    assert (until.date().isoformat() if until else None) == expected


def test_a_credential_that_ends_says_so_twice() -> None:
    content = {
        "id": "urn:a",
        "issuer": {"id": "urn:b"},
        "credentialSubject": {"id": "urn:c"},
        "validFrom": "2026-03-01T00:00:00.000Z",
        "validUntil": "2029-03-01T00:00:00.000Z",
    }
    claims = rules.claims(content)
    assert claims["exp"] == datetime(2029, 3, 1, tzinfo=UTC).timestamp()


async def test_no_certificate_before_the_results_are_final(stage: Stage) -> None:
    """Rule 26: certificate only if decision achieved/participated."""
    _, delegation = await stage.delivered()
    decision = await stage.decided(delegation)
    body = {"completion_decision_id": decision["id"]}
    answer = await (await stage.manager()).post("/v1/training-certificates", body)
    assert (answer.status_code, problem(answer)["code"]) == (409, "NOT_ELIGIBLE_FOR_CERTIFICATE")
    assert problem(answer)["session_status"] == "DELIVERED"


async def test_whoever_only_took_part_gets_a_certificate_that_says_so(stage: Stage) -> None:
    thing, delegation = await stage.under_way()
    await stage.send(thing, await stage.sheet(thing, delegation))
    await stage.take(thing, "deliveries")
    decision = await stage.decided(delegation)
    await stage.take(thing, "result-validations")
    body = {"completion_decision_id": decision["id"]}
    certificate = await (await stage.manager()).make("/v1/training-certificates", body)
    said = payload(await credential(stage, certificate))
    assert said["credentialSubject"]["achievement"]["achievementType"].startswith("ext:")
    assert list(Draft201909Validator(SCHEMA).iter_errors(said)) == []


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


async def told(stage: Stage, certificate: dict[str, Any]) -> list[str]:
    rows = await stage.town.apps["training"].state.reads.fetch(
        "select type, data from event_log where aggregate = $1 order by seq",
        f"training-certificate/{certificate['id']}",
    )
    words = [(row["type"].split(".")[-2], row["data"].get("reason_code", "")) for row in rows]
    return [" ".join(word).strip() for word in words]


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
    ("path", "name"),
    [
        ("/v1/training-certificates", "completion_decision_id"),
        ("/v1/completion-decisions", "delegation_id"),
    ],
)
async def test_what_is_decided_of_nothing_is_not_found(stage: Stage, path: str, name: str) -> None:
    answer = await (await stage.manager()).post(path, {name: str(new_id())})
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")


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
    answer = await desk.post(f"{thing}/suspensions", SUSPENSION, **{"If-Match": '"1"'})
    assert answer.status_code == 404
    body = {"completion_decision_id": certificate["completion_decision_id"]}
    assert (await desk.post("/v1/training-certificates", body)).status_code == 404
