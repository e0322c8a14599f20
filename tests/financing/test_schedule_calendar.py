"""Due dates and day counts."""

import pytest

from tests.financing.loans import a_schedule, due_dates, interests


@pytest.mark.parametrize(
    ("disbursed_on", "first_due_on", "expected"),
    [
        ("2026-01-31", None, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2028-01-31", None, ["2028-02-29", "2028-03-31", "2028-04-30"]),
        ("2025-12-31", "2026-01-31", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("2026-01-31", "2026-02-28", ["2026-02-28", "2026-03-28", "2026-04-28"]),
        ("2026-11-15", None, ["2026-12-15", "2027-01-15", "2027-02-15"]),
    ],
)
def test_due_dates_keep_their_anchor_without_drift(
    disbursed_on: str, first_due_on: str | None, expected: list[str]
) -> None:
    schedule = a_schedule(
        disbursed_on=disbursed_on, first_due_on=first_due_on, number_of_installments=3
    )
    assert due_dates(schedule) == expected


@pytest.mark.parametrize(
    ("every", "unit", "expected", "days"),
    [
        (10, "DAYS", ["2026-08-15", "2026-08-25"], [10, 10]),
        (2, "WEEKS", ["2026-08-19", "2026-09-02"], [14, 14]),
        (3, "MONTHS", ["2026-11-05", "2027-02-05"], [92, 92]),
    ],
)
def test_repayments_come_every_so_many_days_weeks_or_months(
    every: int, unit: str, expected: list[str], days: list[int]
) -> None:
    schedule = a_schedule(repay_every=every, repay_unit=unit, number_of_installments=2)
    assert due_dates(schedule) == expected
    assert [row.days for row in schedule.installments] == days


# Day counts: 1 000 000 F at 12 %, from 31 January to 15 May 2026 (104 days), then one month


@pytest.mark.parametrize(
    ("day_count", "expected"),
    [
        ("PERIODIC", [10_000, 10_000]),  # one period, however long
        ("ACT_365", [34_192, 10_192]),  # 104/365 and 31/365
        ("ACT_364", [34_286, 10_220]),
        ("ACT_360", [34_667, 10_333]),
        ("THIRTY_360", [35_000, 10_000]),  # 30E/360: 30 January to 15 May is 105 days
    ],
)
def test_each_day_count_gives_the_interest_computed_by_hand(
    day_count: str, expected: list[int]
) -> None:
    schedule = a_schedule(
        principal_xof=1_000_000,
        number_of_installments=2,
        amortization="BULLET",
        day_count=day_count,
        disbursed_on="2026-01-31",
        first_due_on="2026-05-15",
    )
    assert interests(schedule) == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("DAYS", 3_288), ("WEEKS", 23_077), ("MONTHS", 100_000)],  # 12 % × 10/365, 10/52, 10/12
)
def test_periodic_interest_divides_the_year_by_the_unit(unit: str, expected: int) -> None:
    schedule = a_schedule(
        principal_xof=1_000_000, number_of_installments=1, repay_every=10, repay_unit=unit
    )
    assert interests(schedule) == [expected]


@pytest.mark.parametrize("unit", ["DAYS", "WEEKS"])
def test_thirty_360_counts_short_periods_by_its_own_days(unit: str) -> None:
    schedule = a_schedule(
        principal_xof=36_000_000,
        annual_rate_percent="1",
        number_of_installments=1,
        repay_unit=unit,
        day_count="THIRTY_360",
        disbursed_on="2026-02-27",
        first_due_on="2026-03-02",
    )
    assert interests(schedule) == [5_000]  # 27 February to 2 March is 5 days of 30/360
