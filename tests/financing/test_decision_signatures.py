"""Everything that a signature must say, and how each lack is named."""

import base64
import json
import time
from typing import Any
from uuid import uuid4

import pytest

from chassis.jose import Signer
from chassis.keys import new_private_jwk
from tests.financing.acts import decide, transmitted
from tests.financing.banks import PUBLIC, Bank, a_bank, a_rejection
from tests.financing.people import expect
from tests.town import Town, problem


async def a_case(town: Town) -> tuple[Bank, dict[str, Any]]:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    return bank, file.assignments[bank.id]


def protected(**changes: Any) -> str:
    header = {"alg": "ES256", "kid": "k", "iat": 1_800_000_000} | changes
    raw = json.dumps(header).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        ("", "SIGNATURE_MISSING"),
        ("nonsense", "SIGNATURE_MALFORMED"),
        ("a.b.c", "SIGNATURE_MALFORMED"),
        ("..", "SIGNATURE_MALFORMED"),
        (f"{protected()}.e30.c2ln", "SIGNATURE_MALFORMED"),
        (f"{protected(alg='none')}..c2ln", "SIGNATURE_INVALID_CLAIM"),
        (f"{protected(alg='HS256')}..c2ln", "SIGNATURE_INVALID_CLAIM"),
        (f"{protected(b64=False, crit=['b64'])}..c2ln", "SIGNATURE_INVALID_CLAIM"),
        (f"{protected(crit=['exp'])}..c2ln", "SIGNATURE_INVALID_CLAIM"),
        (f"{protected()}..c2ln", "SIGNATURE_MISSING_CLAIM"),
    ],
)
async def test_a_signature_that_cannot_be_read_is_named(
    town: Town, signature: str, code: str
) -> None:
    bank, assignment = await a_case(town)
    body = a_rejection(assignment)
    answer = await decide(town, bank, assignment, body, headers={"x-jws-signature": signature})
    assert (answer.status_code, problem(answer)["code"]) == (400, code)


@pytest.mark.parametrize("claim", ["iat", "htm", "htu", "aud", "idk"])
async def test_a_missing_claim_is_named(town: Town, claim: str) -> None:
    bank, assignment = await a_case(town)
    answer = await decide(town, bank, assignment, a_rejection(assignment), claims={claim: None})
    body = problem(answer)
    assert (body["code"], body["claim"]) == ("SIGNATURE_MISSING_CLAIM", claim)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iat", -600),
        ("iat", 600),
        ("iat", "now"),
        ("htm", "PUT"),
        ("htu", f"{PUBLIC}/v1/lender/assignments/0198a000-0000-7000-8000-000000000000/decisions"),
        ("htu", f"{PUBLIC}/v1/lender/decisions"),
        ("aud", "https://elsewhere.example"),
        ("idk", "another-key"),
        ("kid", "unknown"),
    ],
)
async def test_a_claim_about_another_act_is_named(town: Town, claim: str, value: Any) -> None:
    bank, assignment = await a_case(town)
    said = int(time.time()) + value if isinstance(value, int) else value
    answer = await decide(town, bank, assignment, a_rejection(assignment), claims={claim: said})
    body = problem(answer)
    assert (answer.status_code, body["code"]) == (400, "SIGNATURE_INVALID_CLAIM")
    assert body["claim"] == claim


async def test_a_signature_of_another_key_under_the_same_name_is_invalid(town: Town) -> None:
    bank, assignment = await a_case(town)
    bank.signer = Signer(new_private_jwk(bank.signer.kid))
    answer = await decide(town, bank, assignment, a_rejection(assignment))
    assert problem(answer)["code"] == "SIGNATURE_INVALID"


@pytest.mark.parametrize(
    "text", ["Café & Frères — l'été", "5 < 6 & 7 > 3", "emoji 🌾", 'a"b\\c\n\tд', "naïve œuvre"]
)
async def test_bodies_verify_whatever_they_say(town: Town, text: str) -> None:
    bank, assignment = await a_case(town)
    body = a_rejection(assignment, reason_text=text)
    expect(await decide(town, bank, assignment, body), 201)


async def test_a_flipped_byte_is_seen_even_in_white_space(town: Town) -> None:
    bank, assignment = await a_case(town)
    body = a_rejection(assignment)
    spaced = json.dumps(body, ensure_ascii=False, indent=1).encode()
    answer = await decide(town, bank, assignment, body, sent=spaced)
    assert problem(answer)["code"] == "SIGNATURE_INVALID"


@pytest.mark.parametrize(
    ("forge", "step", "claim"),
    [
        ({}, None, None),
        ({"aud": "https://elsewhere.example"}, "INVALID_CLAIM", "aud"),
        ({"idk": None}, "MISSING_CLAIM", "idk"),
    ],
)
async def test_a_lender_tries_its_signature_on_any_body(
    town: Town, forge: dict[str, Any], step: str | None, claim: str | None
) -> None:
    bank, key = await a_bank(town), uuid4().hex
    address, raw = "/v1/lender/signature-tests", '{"essai": "é & \'"}'.encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": f'"{key}"',
        "x-jws-signature": bank.signed(address, raw, key, **forge),
    }
    async with town.client("financing", bank.who) as client:
        tried = expect(await client.post(address, content=raw, headers=headers), 200)
        other = expect(await client.post(address, content=b"{}", headers=headers), 200)
    assert tried == {"is_valid": step is None, "failed_step": step, "claim": claim}
    assert other["is_valid"] is False


async def test_a_signature_without_end_is_not_read(town: Town) -> None:
    bank = await a_bank(town)
    headers = {"Content-Type": "application/json", "x-jws-signature": "a" * 8_193}
    async with town.client("financing", bank.who) as client:
        answer = await client.post("/v1/lender/signature-tests", content=b"{}", headers=headers)
    assert answer.status_code == 400
    assert [finding["header"] for finding in problem(answer)["errors"]] == ["x-jws-signature"]
