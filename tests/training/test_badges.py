"""The credential of a certificate: an open badge that anybody verifies."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey
from jsonschema import Draft201909Validator, FormatChecker

from chassis.keys import new_private_jwk, public_jwk
from services.training.certificates import rules
from tests.training.badges import credential, payload
from tests.training.stage import Stage

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "ob3_achievementcredential.schema.json").read_text()
)


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
