"""How principal and interest are spread, and when an instalment cannot be."""

import pytest

from services.financing.schedules.errors import AmountOutOfRange, ScheduleNotAmortising
from tests.financing.loans import FLAT_LOAN, a_schedule, interests, principals, totals


def test_equal_principal_repays_the_same_share_and_the_last_row_the_rest() -> None:
    schedule = a_schedule(principal_xof=1_000_000, amortization="EQUAL_PRINCIPAL")
    assert principals(schedule) == [83_333] * 11 + [83_337]
    assert interests(schedule)[:2] == [10_000, 9_167]


def test_a_bullet_repays_at_the_end_and_pays_interest_meanwhile() -> None:
    schedule = a_schedule(amortization="BULLET", number_of_installments=3)
    assert principals(schedule) == [0, 0, 5_000_000]
    assert interests(schedule) == [50_000] * 3


def test_the_balloon_is_the_last_principal_to_the_franc() -> None:
    schedule = a_schedule(
        principal_xof=1_000_001,
        amortization="BALLOON",
        balloon_xof=400_000,
        number_of_installments=8,
        grace_principal=1,
    )
    assert principals(schedule) == [0] + [100_000] * 5 + [100_001, 400_000]


def test_a_balloon_of_the_whole_principal_is_a_bullet() -> None:
    whole = {"amortization": "BALLOON", "balloon_xof": 5_000_000}
    bullet = a_schedule(amortization="BULLET")
    assert a_schedule(**whole) == bullet
    assert a_schedule(**whole, grace_principal=11) == bullet


def test_deferred_interest_comes_on_top_of_the_next_instalment() -> None:
    plain = a_schedule(grace_principal=3)
    deferred = a_schedule(grace_principal=3, grace_interest=3)
    assert interests(deferred)[:4] == [0, 0, 0, 200_000]
    assert totals(deferred)[3] == totals(plain)[3] + 150_000
    assert principals(deferred) == principals(plain)
    assert deferred.total_interest_xof == plain.total_interest_xof
    assert deferred.rates.effective_percent < plain.rates.effective_percent


def test_interest_free_instalments_are_waived_and_the_annuity_stays_level() -> None:
    schedule = a_schedule(interest_free_periods=3)
    *others, last = totals(schedule)
    assert interests(schedule)[:4] == [0, 0, 0, 37_031]  # 1 % of 5 000 000 - 3 × 432 301
    assert set(others) == {432_301}
    assert abs(last - 432_301) <= 12


def test_deferral_ends_where_the_waiver_ended_before() -> None:
    schedule = a_schedule(amortization="BULLET", interest_free_periods=1, grace_interest=3)
    assert interests(schedule)[:5] == [0, 0, 0, 150_000, 50_000]


def test_flat_interest_is_not_charged_on_waived_instalments() -> None:
    schedule = a_schedule(**FLAT_LOAN, interest_free_periods=2, grace_interest=3)
    assert interests(schedule) == [0, 0, 0, 24_000] + [12_000] * 8


def test_flat_interest_follows_the_days_of_each_period() -> None:
    schedule = a_schedule(**FLAT_LOAN, day_count="ACT_365", number_of_installments=3)
    assert interests(schedule) == [12_230, 11_836, 12_230]  # 31, 30 and 31 days
    assert schedule.total_interest_xof == 36_296


def test_without_interest_the_loan_costs_nothing() -> None:
    schedule = a_schedule(annual_rate_percent="0", principal_xof=1_200_000)
    assert totals(schedule) == [100_000] * 12
    assert (schedule.teg_effective_percent, schedule.teg_proportional_percent) == ("0.0000",) * 2


def test_an_instalment_below_its_interest_is_refused() -> None:
    with pytest.raises(ScheduleNotAmortising):
        a_schedule(installment_multiple_xof=1_000_000)  # 444 244 F rounds to nothing


def test_a_cost_beyond_the_largest_amount_is_refused() -> None:
    with pytest.raises(AmountOutOfRange):
        a_schedule(principal_xof=9_007_199_254_740_991)
