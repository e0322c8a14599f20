"""Schedules against worked examples and published tables, and how each amount is made."""

from decimal import Decimal
from typing import Any

import pytest

from services.financing.rates.rules import Convention
from tests.financing.loans import FLAT_LOAN, a_fee, a_schedule, interests, principals, totals

MURABAHA = {"principal_xof": 4_000_000, "annual_rate_percent": "10", "interest_method": "FLAT"}
CAMPAIGN = {
    "principal_xof": 3_000_000,
    "number_of_installments": 1,
    "amortization": "BULLET",
    "day_count": "ACT_365",
    "disbursed_on": "2026-06-15",
    "fees": [a_fee(45_000)],
}


@pytest.mark.parametrize(
    ("changes", "expected", "proportional", "effective"),
    [
        ({}, [444_244] * 11 + [444_243], "12.00", "12.68"),
        ({"fees": [a_fee(50_000)]}, [444_244] * 11 + [444_243], "13.91", "14.84"),
        ({"fees": [a_fee(75_000)]}, [444_244] * 11 + [444_243], "14.88", "15.94"),
        (FLAT_LOAN, [112_000] * 12, "21.46", "23.70"),
        (MURABAHA, [366_666] * 11 + [366_674], "17.97", "19.53"),
        (CAMPAIGN | {"repay_every": 8}, [3_241_644], "14.45", "14.79"),
        (CAMPAIGN | {"repay_every": 245, "repay_unit": "DAYS"}, [3_241_644], "14.45", "14.79"),
        (
            {"annual_rate_percent": "10.00", "fees": [a_fee(25_000), a_fee(35_000)]},
            [439_579] * 11 + [439_585],
            "12.29",
            "13.00",
        ),
    ],
    ids=["plain", "fee", "dear", "flat", "murabaha", "campaign", "campaign-days", "bank-offer"],
)
def test_the_worked_examples_come_out_to_the_franc_and_the_cent(
    changes: dict[str, Any], expected: list[int], proportional: str, effective: str
) -> None:
    schedule = a_schedule(**changes)
    rates = schedule.rates
    assert totals(schedule) == expected
    assert rates.proportional_percent is not None
    assert format(rates.proportional_percent, ".2f") == proportional
    assert format(rates.effective_percent, ".2f") == effective


def test_the_same_bank_offer_at_twelve_percent_exceeds_the_ceiling_of_fourteen() -> None:
    fees = [a_fee(25_000), a_fee(35_000)]
    lawful, usurious = (a_schedule(annual_rate_percent=r, fees=fees) for r in ("10.00", "12.00"))
    assert not lawful.rates.exceeds(Decimal(14), Convention.PROPORTIONAL)
    assert not lawful.rates.exceeds(Decimal(14), Convention.EFFECTIVE)
    assert usurious.rates.exceeds(Decimal(14), Convention.PROPORTIONAL)


# Apache Fineract's own published schedule tests, in cents instead of francs
FINERACT = {
    "principal_xof": 500_000,
    "number_of_installments": 18,
    "disbursed_on": "2022-11-01",
    "installment_multiple_xof": 100,
}
SIX = {
    "principal_xof": 10_000,
    "annual_rate_percent": "9.4822",
    "number_of_installments": 6,
    "disbursed_on": "2024-01-01",
}
WEEKS = {"repay_unit": "WEEKS", "day_count": "ACT_364"}


@pytest.mark.parametrize(
    ("changes", "first_interests", "first_principals", "last_total", "total_interest"),
    [
        (FINERACT | {"interest_method": "FLAT"}, [5000, 5000], [27800, 27800], 32400, 90000),
        (FINERACT, [5000, 4745, 4487], [25500, 25755, 26013], 30322, 48822),
        (FINERACT | {"day_count": "ACT_365"}, [4932, 4835], [25568, 25665], 30233, 48733),
        (
            FINERACT | {"amortization": "EQUAL_PRINCIPAL"},
            [5000, 4722, 4444, 4167],
            [27778, 27778],
            28052,
            47500,
        ),
        (FINERACT | {"grace_principal": 3}, [5000] * 4, [0, 0, 0, 31100], 35487, 55887),
        (
            FINERACT | {"grace_principal": 6, "grace_interest": 3},
            [0, 0, 0, 20000, 5000, 5000, 5000],
            [0, 0, 0, 0, 0, 0, 39400, 39794],
            44709,
            63109,
        ),
        (SIX | WEEKS, [18, 15, 12, 9, 6, 3], [1659, 1662, 1665, 1668, 1671], 1678, 63),
        (
            SIX | {"repay_every": 15, "repay_unit": "DAYS", "day_count": "ACT_360"},
            [40, 33, 26, 20, 13, 7],
            [1650, 1657, 1664, 1670, 1677],
            1689,
            139,
        ),
        (SIX | {"day_count": "THIRTY_360"}, [79, 66, 53, 40, 27, 13], [1634, 1647], 1713, 278),
    ],
    ids=["RS01", "RS02", "RS03", "RS04", "RS05", "RS07", "week", "15-days", "30-360"],
)
def test_published_tables_are_met_to_the_unit(
    changes: dict[str, Any],
    first_interests: list[int],
    first_principals: list[int],
    last_total: int,
    total_interest: int,
) -> None:
    schedule = a_schedule(**changes)
    assert interests(schedule)[: len(first_interests)] == first_interests
    assert principals(schedule)[: len(first_principals)] == first_principals
    assert totals(schedule)[-1] == last_total
    assert schedule.total_interest_xof == total_interest


@pytest.mark.parametrize(("rounding", "interest"), [("HALF_EVEN", 12), ("HALF_UP", 13)])
def test_an_exact_half_goes_where_the_mode_says(rounding: str, interest: int) -> None:
    schedule = a_schedule(principal_xof=1_250, number_of_installments=2, rounding=rounding)
    assert interests(schedule)[0] == interest  # 1 250 × 1 % = 12.5


def test_rounding_up_never_repays_more_than_is_owed() -> None:
    schedule = a_schedule(
        principal_xof=5,
        number_of_installments=4,
        annual_rate_percent="0",
        installment_multiple_xof=2,
    )
    assert principals(schedule) == [2, 2, 1, 0]


def test_every_amount_but_the_last_is_a_multiple_of_the_rounding_unit() -> None:
    schedule = a_schedule(principal_xof=5_000_003, rounding_unit_xof=5)
    *others, last = schedule.installments
    assert {row.principal_xof % 5 for row in others} == {0}
    assert {row.interest_xof % 5 for row in schedule.installments} == {0}
    assert last.principal_xof % 5 == 3


def test_flat_interest_rounded_up_is_not_taken_twice() -> None:
    schedule = a_schedule(principal_xof=58, interest_method="FLAT")
    assert interests(schedule) == [1] * 7 + [0] * 5


def test_the_multiple_says_nothing_where_instalments_are_not_level() -> None:
    changes = {"amortization": "EQUAL_PRINCIPAL"}
    plain, rounded = a_schedule(**changes), a_schedule(**changes, installment_multiple_xof=1000)
    assert rounded == plain
