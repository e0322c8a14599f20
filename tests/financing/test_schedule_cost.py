"""What a loan costs, in francs and in percent."""

from decimal import Decimal

import pytest

from services.financing.rates.errors import TegNotComputable
from services.financing.schedules.schemas import ScheduleRead
from tests.financing.loans import a_fee, a_schedule, totals


def test_taxes_are_owed_but_left_out_of_the_teg() -> None:
    fees = [a_fee(20_000), a_fee(1_000, "EACH_INSTALLMENT")]
    taxes = [a_fee(3_600, is_tax=True), a_fee(180, "EACH_INSTALLMENT", is_tax=True)]
    plain, taxed = a_schedule(fees=fees), a_schedule(fees=fees + taxes)
    assert taxed.rates == plain.rates
    assert {row.fees_xof for row in taxed.installments} == {1_180}
    assert plain.total_cost_xof == plain.total_interest_xof + 20_000 + 12 * 1_000
    assert taxed.total_cost_xof == plain.total_cost_xof + 3_600 + 12 * 180
    assert totals(taxed)[0] == totals(plain)[0] + 180


@pytest.mark.parametrize(
    ("every", "unit"), [(1, "WEEKS"), (3, "WEEKS"), (10, "DAYS"), (2, "MONTHS")]
)
def test_without_fees_the_proportional_rate_is_the_nominal_one(every: int, unit: str) -> None:
    changes = {"principal_xof": 10**12, "repay_every": every, "repay_unit": unit}
    assert a_schedule(**changes).teg_proportional_percent == "12.0000"


def test_a_longer_first_period_is_counted_by_its_days() -> None:
    late = a_schedule(first_due_on="2026-10-05", day_count="ACT_365")
    usual = a_schedule(day_count="ACT_365")
    assert late.installments[0].days == 61
    assert abs(late.rates.effective_percent - usual.rates.effective_percent) < Decimal("0.1")
    assert late.rates.proportional_percent is not None
    monthly = late.rates.proportional_percent / 1200
    assert abs((1 + monthly) ** 12 - 1 - late.rates.effective_percent / 100) < Decimal("1E-20")


def test_a_single_payment_in_months_is_proportional_to_its_months() -> None:
    schedule = a_schedule(number_of_installments=1, repay_every=6)
    assert schedule.teg_proportional_percent == "12.0000"
    assert schedule.teg_effective_percent == "12.3600"


def test_the_answer_has_the_pinned_shape() -> None:
    answer = ScheduleRead.model_validate(a_schedule()).model_dump(mode="json")
    assert answer["installments"][0] == {
        "number": 1,
        "due_on": "2026-09-05",
        "days": 31,
        "principal_xof": 394_244,
        "interest_xof": 50_000,
        "fees_xof": 0,
        "total_xof": 444_244,
        "balance_xof": 4_605_756,
    }
    assert {name: answer[name] for name in answer if name != "installments"} == {
        "total_interest_xof": 330_927,
        "total_cost_xof": 330_927,
        "teg_proportional_percent": "12.0000",
        "teg_effective_percent": "12.6825",
    }


@pytest.mark.parametrize("fee_xof", [5_000_000, 6_000_000])
def test_fees_that_swallow_the_loan_leave_no_rate(fee_xof: int) -> None:
    with pytest.raises(TegNotComputable):
        a_schedule(fees=[a_fee(fee_xof)])
