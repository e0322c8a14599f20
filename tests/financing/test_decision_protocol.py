"""The order of checks of a decision; what is replayed and what is not."""

import json
from typing import Any
from uuid import uuid4

from tests.financing.acts import decide, get, transmitted
from tests.financing.banks import Bank, a_bank, an_offer, terms
from tests.financing.people import an_applicant, expect
from tests.town import Town, problem


async def a_case(town: Town) -> tuple[Bank, dict[str, Any]]:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    return bank, file.assignments[bank.id]


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
