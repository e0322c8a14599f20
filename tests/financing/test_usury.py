"""The usury ceiling at decision time, with the source of each rule."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis import clock
from tests.financing.acts import decide, transmitted
from tests.financing.banks import Bank, a_bank, a_rejection, an_offer, terms
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


def a_year_at(rate: str, **changes: Any) -> dict[str, Any]:
    """One payment after 365 days: by both conventions the TEG is the nominal rate, exactly."""
    return terms(**{"annual_rate_percent": rate, "repay_every": 365, "fees": []} | changes)


@pytest.mark.parametrize(
    ("category", "rate", "is_lawful"),
    [
        ("BANK", "14", True),
        ("BANK", "14.0001", False),
        ("SFD", "24", True),
        ("SFD", "24.0001", False),
    ],
)
async def test_the_unrounded_teg_is_held_against_the_ceiling(
    town: Town, category: str, rate: str, is_lawful: bool
) -> None:
    """Décision CM/UMOA/011/06/2013 and Council of 29 December 2025: at the ceiling is lawful."""
    answer = await offer(town, category, a_year_at(rate))
    if is_lawful:
        ceiling = expect(answer, 201)["computed"]["ceiling"]
        assert (ceiling["verdict"], ceiling["teg_percent"]) == ("WITHIN", f"{rate}.0000")
        return
    [finding] = problem(answer)["errors"]
    assert finding["code"] == "USURY_CEILING_EXCEEDED"
    assert finding["params"]["teg_percent"] == rate
    assert finding["law_ref"]


@asynccontextmanager
async def at(year: int, month: int, day: int) -> AsyncIterator[None]:
    there = datetime(year, month, day, 12, tzinfo=UTC)
    with clock.shifted(there - clock.now()):
        yield


async def test_the_day_of_the_decision_chooses_the_ceiling(town: Town) -> None:
    """Banks: 15 % until 31 May 2026, 14 % from 1 June."""
    async with at(2026, 5, 31):
        before = await offer(town, "BANK", a_year_at("14.5"))
    async with at(2026, 6, 1):
        after = await offer(town, "BANK", a_year_at("14.5"))
    assert expect(before, 201)["computed"]["ceiling"]["ceiling_percent"] == "15.00"
    assert codes(after) == {"USURY_CEILING_EXCEEDED"}


async def test_without_a_ceiling_nothing_passes(town: Town) -> None:
    bank, assignment = await a_case(town)
    body = an_offer(assignment)
    state = town.apps["financing"].state
    sql = (
        "update rate_ceiling set valid_to = $1 where lender_category = 'BANK'"
        " and valid_from = '2026-06-01'"
    )
    await state.reads.fetch(sql, date(2026, 6, 2))
    try:
        answer = await decide(town, bank, assignment, body)
        rejection = await decide(town, bank, assignment, a_rejection(assignment))
    finally:
        await state.reads.fetch(sql, None)
    assert (answer.status_code, problem(answer)["code"]) == (503, "CEILING_UNAVAILABLE")
    assert answer.headers["retry-after"]
    assert rejection.status_code == 201


@pytest.mark.parametrize(
    ("change", "is_lawful"),
    [
        ({}, True),
        ({"fees": [{"code": "FILE_FEE", "amount_xof": 60_000, "at": "DISBURSEMENT"}]}, False),
        (
            {"fees": [{"code": "TVA", "amount_xof": 60_000, "at": "DISBURSEMENT", "is_tax": True}]},
            True,
        ),
        ({"guarantees": [{"type": "FONGIP", "commission_xof": 60_000}]}, False),
        ({"compulsory_savings_xof": 600_000}, False),
    ],
)
async def test_every_cost_counts_but_taxes(
    town: Town, change: dict[str, Any], is_lawful: bool
) -> None:
    """Décision CM/UMOA/009/06/2013 art. 3: fees, guarantees and compulsory savings count in the
    TEG, taxes do not."""
    answer = await offer(town, "BANK", a_year_at("13", **change))
    assert (answer.status_code == 201) == is_lawful, answer.text
    if not is_lawful:
        assert codes(answer) == {"USURY_CEILING_EXCEEDED"}


async def test_the_other_convention_is_told_while_none_is_confirmed(town: Town) -> None:
    """12 % with 1 % of fee: 13.91 % proportional is lawful, 14.84 % effective would not be."""
    fee = [{"code": "FILE_FEE", "amount_xof": 30_000, "at": "DISBURSEMENT"}]
    yearly = MONTHLY | {"number_of_installments": 12, "annual_rate_percent": "12", "fees": fee}
    answer = expect(await offer(town, "BANK", terms(**yearly)), 201)
    assert answer["computed"]["teg_proportional_percent"].startswith("13.9")
    assert answer["computed"]["teg_effective_percent"].startswith("14.8")
    assert [w["code"] for w in answer["warnings"]] == ["CEILING_CONVENTION_UNCONFIRMED"]
