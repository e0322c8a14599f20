"""The order of checks of a decision, and everything that a signature must say."""

import base64
import json
import time
from typing import Any
from uuid import uuid4

import pytest

from chassis.jose import Signer
from chassis.keys import new_private_jwk
from tests.financing.acts import (
    PUBLIC,
    Bank,
    a_bank,
    a_rejection,
    an_offer,
    decide,
    get,
    terms,
    transmitted,
)
from tests.financing.people import an_applicant, expect
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


async def test_a_revoked_key_no_longer_signs_and_two_keys_may(town: Town) -> None:
    bank, assignment = await a_case(town)
    second = new_private_jwk(f"second-{uuid4().hex[:8]}")
    state = town.apps["financing"].state
    async with state.reads.connection() as connection:
        await connection.execute(
            "insert into lender_key (lender_id, kid, jwk, valid_from)"
            " values ($1, $2, $3, now() - interval '1 hour')",
            bank.id,
            second["kid"],
            {k: v for k, v in second.items() if k != "d"},
        )
        await connection.execute(
            "update lender_key set revoked_at = now() where lender_id = $1 and kid = $2",
            bank.id,
            bank.signer.kid,
        )
    body = a_rejection(assignment)
    revoked = await decide(town, bank, assignment, body)
    bank.signer = Signer(second)
    assert problem(revoked)["code"] == "SIGNATURE_INVALID_CLAIM"
    expect(await decide(town, bank, assignment, body), 201)


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


async def test_checks_come_in_the_order_of_the_contract(town: Town) -> None:
    """Each request breaks everything from its step on, and only that step is told."""
    bank, assignment = await a_case(town)
    other = await a_bank(town)
    wrong = {"surprise": True}
    gone = assignment | {"id": str(uuid4()), "version": 9}
    text = {"Content-Type": "text/plain"}
    bare = {"Idempotency-Key": "", "x-jws-signature": "", "If-Match": ""}
    stale = assignment | {"version": 9}

    stranger = Bank(bank.id, an_applicant(), bank.signer)
    steps = [
        (await decide(town, stranger, gone, wrong, headers=text | bare), "INSUFFICIENT_SCOPE"),
        (await decide(town, bank, gone, wrong, headers=text | bare), "NOT_FOUND"),
        (await decide(town, bank, gone | {"id": "7"}, wrong, headers=text | bare), "NOT_FOUND"),
        (await decide(town, other, assignment, wrong, headers=text | bare), "NOT_FOUND"),
        (await decide(town, bank, stale, wrong, headers=text | bare), "UNSUPPORTED_MEDIA_TYPE"),
        (await decide(town, bank, stale, wrong, headers=bare), "IDEMPOTENCY_KEY_MISSING"),
        (
            await decide(town, bank, stale, wrong, headers={"x-jws-signature": "", "If-Match": ""}),
            "SIGNATURE_MISSING",
        ),
        (await decide(town, bank, stale, wrong, headers={"If-Match": ""}), "VALIDATION_FAILED"),
    ]
    told = [problem(answer)["code"] for answer, _ in steps]
    assert told == [code for _, code in steps]


async def test_preconditions_come_before_the_state_and_the_state_before_the_rules(
    town: Town,
) -> None:
    bank, assignment = await a_case(town)
    same = {"id": "u-1", "role": "analyst"}
    changes = {"prepared_by": same, "approved_by": same, "dossier_sha256": "0" * 64}
    bad = an_offer(assignment, terms=terms(annual_rate_percent="30"), **changes)
    without = await decide(town, bank, assignment, bad, headers={"If-Match": ""})
    stale = await decide(town, bank, assignment | {"version": 9}, bad)
    unstudied = await decide(town, bank, assignment, bad)
    bad["dossier_sha256"] = assignment["dossier_sha256"]
    alone = await decide(town, bank, assignment, bad)
    bad["approved_by"] = {"id": "u-2", "role": "head_of_credit"}
    usury = await decide(town, bank, assignment, bad)
    told = [(a.status_code, problem(a)["code"]) for a in (without, stale, unstudied, alone, usury)]
    assert told == [
        (428, "PRECONDITION_REQUIRED"),
        (412, "PRECONDITION_FAILED"),
        (412, "DOSSIER_CHANGED"),
        (403, "FOUR_EYES"),
        (422, "VALIDATION_FAILED"),
    ]


async def test_the_replay_comes_before_everything_that_has_changed(town: Town) -> None:
    bank, assignment = await a_case(town)
    body, key = an_offer(assignment), uuid4().hex
    first = await decide(town, bank, assignment, body, key=key)
    again = await decide(town, bank, assignment | {"version": 7}, body, key=key)
    spaced = json.dumps(body, indent=2).encode()
    address = f"/v1/lender/assignments/{assignment['id']}/decisions"
    signed = {"x-jws-signature": bank.signed(address, spaced, key)}
    re_signed = await decide(town, bank, assignment, body, key=key, sent=spaced, headers=signed)
    other = await decide(town, bank, assignment, body | {"committee_ref": "CC-9"}, key=key)
    unsigned = await decide(town, bank, assignment, body, key=key, headers={"x-jws-signature": ""})
    for answer in (again, re_signed):
        assert (answer.status_code, answer.content) == (201, first.content)
        assert answer.headers["idempotency-replayed"] == "true"
        assert answer.headers["etag"] == first.headers["etag"]
    assert (other.status_code, problem(other)["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert problem(unsigned)["code"] == "SIGNATURE_MISSING"


async def test_a_key_belongs_to_one_lender_and_one_assignment(town: Town) -> None:
    one, two = await a_bank(town), await a_bank(town)
    file = await transmitted(town, one, two)
    elsewhere = await transmitted(town, one)
    key = uuid4().hex
    answers = [
        await decide(town, bank, assignment, an_offer(assignment), key=key)
        for bank, assignment in (
            (one, file.assignments[one.id]),
            (two, file.assignments[two.id]),
            (one, elsewhere.assignments[one.id]),
        )
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["decision_id"] for answer in answers}) == 3


async def test_a_refused_decision_leaves_its_key_free(town: Town) -> None:
    bank, assignment = await a_case(town)
    key = uuid4().hex
    wrong = an_offer(assignment, terms=terms(principal_xof=3_000_001))
    refused = await decide(town, bank, assignment, wrong, key=key)
    assert refused.status_code == 422
    expect(await decide(town, bank, assignment, an_offer(assignment), key=key), 201)


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


async def test_decisions_are_found_again_by_the_lenders_own_reference(town: Town) -> None:
    bank, assignment = await a_case(town)
    body = an_offer(assignment)
    made = expect(await decide(town, bank, assignment, body), 201)
    ref = body["lender_decision_ref"]
    [found] = (await get(town, bank.who, f"/v1/lender/decisions?lender_decision_ref={ref}"))[
        "items"
    ]
    one = await get(town, bank.who, f"/v1/lender/decisions/{made['decision_id']}")
    assert found == one
    assert (one["offer_id"], one["offer_status"]) == (made["offer_id"], "LIVE")
    assert one["receipt"] == made["receipt"]
    nothing = await get(town, bank.who, "/v1/lender/decisions?lender_decision_ref=unknown")
    assert nothing["items"] == []
