"""What a decision must respect beside the ceiling, with the source of each rule."""

from datetime import timedelta
from typing import Any

import pytest

from tests.financing.acts import decide, transmitted
from tests.financing.banks import Bank, a_bank, a_rejection, an_offer, instant, terms
from tests.financing.people import expect
from tests.town import Town, codes, problem

MONTHLY = {
    "number_of_installments": 10,
    "repay_every": 1,
    "repay_unit": "MONTHS",
    "amortization": "ANNUITY",
    "day_count": "PERIODIC",
    "fees": [],
}


async def a_case(town: Town, category: str = "BANK") -> tuple[Bank, dict[str, Any]]:
    bank = await a_bank(town, category)
    file = await transmitted(town, bank)
    return bank, file.assignments[bank.id]


async def offer(town: Town, category: str, asked: dict[str, Any]) -> Any:
    bank, assignment = await a_case(town, category)
    return await decide(town, bank, assignment, an_offer(assignment, terms=asked))


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"principal_xof": 3_000_001}, "AMOUNT_ABOVE_REQUEST", "/terms/principal_xof"),
        ({"principal_xof": 99_999, "fees": []}, "AMOUNT_OUT_OF_PRODUCT", "/terms/principal_xof"),
        (
            # more than a year even where it holds a 29 February
            {"repay_every": 53, "repay_unit": "WEEKS"},
            "TERM_OUT_OF_PRODUCT",
            "/terms/number_of_installments",
        ),
        (
            MONTHLY | {"amortization": "EQUAL_PRINCIPAL", "grace_principal": 1},
            "GRACE_OUT_OF_PRODUCT",
            "/terms/grace_principal",
        ),
        ({"valid_until": instant(days=9)}, "OFFER_VALIDITY_INVALID", "/terms/valid_until"),
        ({"valid_until": instant(days=91)}, "OFFER_VALIDITY_INVALID", "/terms/valid_until"),
        (
            {"guarantees": [{"type": "FONGIP", "quota_percent": "70"}] * 2},
            "GUARANTEE_QUOTA_EXCEEDED",
            "/terms/guarantees",
        ),
        (
            {"declared_teg_percent": "10.5"},
            "DECLARED_TEG_MISMATCH",
            "/terms/declared_teg_percent",
        ),
        (
            MONTHLY | {"annual_rate_percent": "1000"},
            "TEG_NOT_COMPUTABLE",
            "/terms",
        ),
    ],
)
async def test_terms_keep_to_the_request_the_product_and_sense(
    town: Town, change: dict[str, Any], code: str, pointer: str
) -> None:
    """Programme policy, except arithmetic: an offer that cannot be is no offer."""
    answer = await offer(town, "BANK", terms(**change))
    findings = [f for f in problem(answer)["errors"] if f["severity"] == "BLOCK"]
    assert [(f["code"], f["pointer"]) for f in findings] == [(code, pointer)]


async def test_a_declared_teg_slightly_off_is_a_warning(town: Town) -> None:
    answer = expect(await offer(town, "BANK", terms(declared_teg_percent="11.50")), 201)
    [warning] = answer["warnings"]
    assert (warning["code"], warning["severity"]) == ("DECLARED_TEG_MISMATCH", "WARN")
    assert warning["params"]["computed_percent"] == "11.3360"


async def test_an_instalment_before_the_harvest_is_a_warning(town: Town) -> None:
    answer = expect(await offer(town, "BANK", terms(repay_every=100)), 201)
    assert "DUE_BEFORE_HARVEST" in {warning["code"] for warning in answer["warnings"]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"terms": None}, "DECISION_SHAPE_INVALID"),
        ({"reason_codes": ["GOVERNANCE"]}, "DECISION_SHAPE_INVALID"),
        ({"type": "REJECT"}, "DECISION_SHAPE_INVALID"),
        ({"type": "REJECT", "terms": None}, "DECISION_SHAPE_INVALID"),
        ({"type": "CONDITIONAL_OFFER"}, "DECISION_SHAPE_INVALID"),
        ({"type": "REJECT", "terms": None, "reason_codes": ["OTHER"]}, "REASON_TEXT_REQUIRED"),
        ({"type": "MAYBE"}, "FIELD_INVALID"),
        ({"decided_at": "2026-07-03T10:12:00"}, "FIELD_INVALID"),
        ({"terms": {"principal_xof": 1}}, "FIELD_MISSING"),
    ],
)
async def test_an_offer_has_terms_and_a_rejection_reasons(
    town: Town, change: dict[str, Any], code: str
) -> None:
    bank, assignment = await a_case(town)
    answer = await decide(town, bank, assignment, an_offer(assignment) | change)
    assert answer.status_code == 422
    assert codes(answer) == {code}


async def test_a_conditional_offer_names_its_conditions(town: Town) -> None:
    bank, assignment = await a_case(town)
    conditions = [{"code": "INSURANCE", "text": "Assurance récolte souscrite."}]
    body = an_offer(
        assignment, type="CONDITIONAL_OFFER", terms=terms(conditions_precedent=conditions)
    )
    assert expect(await decide(town, bank, assignment, body), 201)["offer_id"]


@pytest.mark.parametrize("shift", [timedelta(minutes=-6), timedelta(minutes=6)])
async def test_a_decision_follows_the_file_and_is_not_of_tomorrow(
    town: Town, shift: timedelta
) -> None:
    bank, assignment = await a_case(town)
    when = instant(seconds=shift.total_seconds())
    for body in (an_offer(assignment), a_rejection(assignment)):
        answer = await decide(town, bank, assignment, body | {"decided_at": when})
        assert codes(answer) == {"DECISION_DATE_INVALID"}


async def test_maker_and_checker_are_two_even_for_a_rejection(town: Town) -> None:
    bank, assignment = await a_case(town)
    same = {"id": "u-118", "role": "head_of_credit"}
    answer = await decide(town, bank, assignment, a_rejection(assignment, approved_by=same))
    assert (answer.status_code, problem(answer)["code"]) == (403, "FOUR_EYES")


async def test_our_reckoning_is_that_of_the_public_simulation(town: Town) -> None:
    asked = terms(**MONTHLY)
    answer = expect(await offer(town, "BANK", asked), 201)
    plain = {k: v for k, v in asked.items() if k != "valid_until"}
    async with town.client("financing") as anyone:
        simulated = expect(await anyone.post("/v1/repayment-schedules", json=plain), 200)
    assert simulated.items() <= answer["computed"].items()
