"""Contracts: no worse than accepted, lawful on the day of signature."""

from typing import Any

import pytest

from tests.financing.acts import File, accepted, get, post
from tests.financing.banks import Bank, a_bank, a_contract, day, terms
from tests.financing.people import (
    expect,
)
from tests.town import Town, codes, problem


async def an_accepted(town: Town, **changes: Any) -> tuple[File, Bank, str]:
    bank = await a_bank(town)
    file, financing = await accepted(town, bank, **changes)
    return file, bank, financing


def plain(**changes: Any) -> dict[str, Any]:
    return {k: v for k, v in terms(**changes).items() if k != "valid_until"}


async def test_a_contract_keeps_the_accepted_terms_and_makes_the_first_schedule(
    town: Town,
) -> None:
    file, bank, financing = await an_accepted(town)
    made = expect(await post(town, bank.who, f"{financing}/contracts", a_contract()), 201)
    assert made["status"] == "CONTRACTED"
    assert (made["schedule"]["number"], made["schedule"]["reason"]) == (1, "CONTRACT")
    assert made["due_xof"] == 3_201_370
    assert (await get(town, file.owner, file.address))["status"] == "CONTRACTED"
    again = await post(town, bank.who, f"{financing}/contracts", a_contract())
    assert (again.status_code, problem(again)["code"]) == (409, "ILLEGAL_TRANSITION")


async def test_better_terms_may_be_contracted(town: Town) -> None:
    _, bank, financing = await an_accepted(town)
    better = a_contract(terms=plain(annual_rate_percent="9.00"))
    made = expect(await post(town, bank.who, f"{financing}/contracts", better), 201)
    assert made["due_xof"] == 3_181_233


@pytest.mark.parametrize(
    "change",
    [
        {"annual_rate_percent": "10.50"},
        {"principal_xof": 2_900_000},
        {"fees": [{"code": "FILE_FEE", "amount_xof": 25_001, "at": "DISBURSEMENT"}]},
        {"guarantees": [{"type": "PLEDGE", "quota_percent": "20"}]},
        {"compulsory_savings_xof": 1_000},
    ],
)
async def test_worse_terms_may_not(town: Town, change: dict[str, Any]) -> None:
    _, bank, financing = await an_accepted(town)
    body = a_contract(terms=plain(**change))
    answer = await post(town, bank.who, f"{financing}/contracts", body)
    assert (answer.status_code, problem(answer)["code"]) == (409, "ACCEPTED_TERMS_PROTECTED")


async def test_the_ceiling_is_asked_again_on_the_day_of_the_contract(town: Town) -> None:
    """The rate is stipulated on the day of the contract: a ceiling lowered since the offer
    refuses it."""
    _, bank, financing = await an_accepted(
        town, annual_rate_percent="13.50", repay_every=365, fees=[]
    )
    reads = town.apps["financing"].state.reads
    lower = (
        "update rate_ceiling set max_rate_percent = $1 where lender_category = 'BANK'"
        " and valid_from = '2026-06-01'"
    )
    await reads.fetch(lower, 13)
    try:
        answer = await post(town, bank.who, f"{financing}/contracts", a_contract())
    finally:
        await reads.fetch(lower, 14)
    assert codes(answer) == {"USURY_CEILING_EXCEEDED"}


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        # two days: the day of this list may end before its tests run
        ({"signed_on": day(2)}, "DATE_IN_FUTURE", "/signed_on"),
        ({"signed_on": day(-1)}, "DATE_TOO_EARLY", "/signed_on"),
        (
            {"terms": plain(principal_xof=3_000_001)},
            "AMOUNT_ABOVE_REQUEST",
            "/terms/principal_xof",
        ),
    ],
)
async def test_a_contract_is_of_its_time_and_its_request(
    town: Town, change: dict[str, Any], code: str, pointer: str
) -> None:
    _, bank, financing = await an_accepted(town)
    answer = await post(town, bank.who, f"{financing}/contracts", a_contract(**change))
    findings = [(f["code"], f["pointer"]) for f in problem(answer)["errors"]]
    assert findings == [(code, pointer)]


async def test_a_contract_has_a_maker_and_a_checker(town: Town) -> None:
    _, bank, financing = await an_accepted(town)
    body = a_contract(approved_by={"id": "u-118", "role": "director"})
    answer = await post(town, bank.who, f"{financing}/contracts", body)
    assert (answer.status_code, problem(answer)["code"]) == (403, "FOUR_EYES")


async def test_a_contract_reference_serves_once(town: Town) -> None:
    bank = await a_bank(town)
    body = a_contract()
    answers = []
    for _ in range(2):
        _, financing = await accepted(town, bank)
        answers.append(await post(town, bank.who, f"{financing}/contracts", body))
    assert answers[0].status_code == 201
    assert (answers[1].status_code, problem(answers[1])["code"]) == (409, "CONTRACT_REF_CONFLICT")
