"""The TEG against published examples, the legal edge and its own definition."""

import json
from decimal import Decimal, localcontext
from fractions import Fraction
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.financing.rates.errors import TegNotComputable
from services.financing.rates.rules import Convention, Flow, Rates, compute_rates, rates_of
from services.financing.rates.schemas import RateRead, RateRequest

Amounts = list[tuple[int, Any]]


def a_request(timing: str, drawdowns: Amounts, payments: Amounts, **changes: Any) -> RateRequest:
    body = {
        "drawdowns": [{"amount_xof": amount, timing: at} for amount, at in drawdowns],
        "payments": [{"amount_xof": amount, timing: at} for amount, at in payments],
    }
    return RateRequest.model_validate_json(json.dumps(body | changes))


def shown(request: RateRequest) -> tuple[str, str | None]:
    rates = rates_of(request)
    return rates.teg_effective_percent, rates.teg_proportional_percent


def wrong_fields(body: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        RateRequest.model_validate_json(json.dumps(body))
    return {(".".join(map(str, e["loc"])), e["type"]) for e in refused.value.errors()}


@pytest.mark.parametrize(
    ("received", "payments", "effective"),
    [
        (1000, [(1200, 18)], "12.92"),
        (950, [(1200, 18)], "16.85"),
        (1000, [(600, 12), (600, 24)], "13.07"),
        (1000, [(272, 3), (272, 6), (544, 12)], "13.19"),
    ],
)
def test_the_examples_of_directive_98_7_ec_are_met(
    received: int, payments: Amounts, effective: str
) -> None:
    rates = rates_of(a_request("after_months", [(received, 0)], payments))
    assert format(rates.effective_percent, ".2f") == effective


@pytest.mark.parametrize(
    ("timing", "start", "end", "expected"),
    [
        ("on", "2026-06-15", "2027-02-15", ("14.7893", "14.4515")),  # 245 days
        ("after_days", 0, 245, ("14.7893", "14.4515")),
        ("after_months", 0, 8, ("14.8978", "14.5505")),
    ],
)
def test_a_single_payment_is_proportional_to_its_own_length(
    timing: str, start: Any, end: Any, expected: tuple[str, str]
) -> None:
    assert shown(a_request(timing, [(2_955_000, start)], [(3_241_644, end)])) == expected


def test_only_the_distance_between_flows_matters() -> None:
    early = a_request("after_months", [(1_000_000, 0)], [(550_000, 6), (550_000, 12)])
    late = a_request("after_months", [(1_000_000, 9)], [(550_000, 15), (550_000, 21)])
    assert rates_of(early) == rates_of(late)


def test_months_and_days_after_the_same_origin_may_be_mixed() -> None:
    body = {
        "drawdowns": [{"amount_xof": 1_000_000, "after_months": 0}],
        "payments": [{"amount_xof": 1_100_000, "after_days": 365}],
    }
    assert shown(RateRequest.model_validate(body)) == ("10.0000", "10.0000")


def test_several_drawdowns_are_counted_from_their_own_moments() -> None:
    drawdowns, payments = [(500_000, 0), (500_000, 12)], [(605_000, 24), (550_000, 24)]
    assert shown(a_request("after_months", drawdowns, payments)) == ("10.0000", "10.0000")


IRREGULAR: Amounts = [(400_000, 31), (400_000, 59), (300_000, 140)]


def test_irregular_periods_have_no_proportional_rate_of_their_own() -> None:
    effective, proportional = shown(a_request("after_days", [(1_000_000, 0)], IRREGULAR))
    assert proportional is None
    assert Decimal(effective) > 0


def test_the_caller_may_name_the_period_of_irregular_flows() -> None:
    request = a_request("after_days", [(1_000_000, 0)], IRREGULAR, periods_per_year=12)
    rates = rates_of(request)
    assert rates.proportional_percent is not None
    monthly = rates.proportional_percent / 1200
    assert abs((1 + monthly) ** 12 - 1 - rates.effective_percent / 100) < Decimal("1E-20")


@pytest.mark.parametrize(
    ("step", "per_year", "proportional"),
    [(7, 52, "52.0000"), (7, None, "52.1429"), (30, 12, "12.0000"), (73, None, "5.0000")],
)
def test_regular_days_multiply_the_rate_of_a_period_by_the_periods_of_a_year(
    step: int, per_year: int | None, proportional: str
) -> None:
    payments = [(10_000, step), (10_000, 2 * step), (1_010_000, 3 * step)]  # 1 % a period
    request = a_request("after_days", [(1_000_000, 0)], payments, periods_per_year=per_year)
    assert shown(request)[1] == proportional


def test_a_grace_before_equal_periods_leaves_them_regular() -> None:
    payments = [(1_030_301, 3), (10_000, 4), (10_000, 5)]
    assert shown(a_request("after_months", [(1_000_000, 0)], payments))[1] is not None


def test_a_loan_that_gives_back_less_has_a_negative_rate() -> None:
    assert shown(a_request("after_months", [(1_000_000, 0)], [(900_000, 12)]))[0] == "-10.0000"


def test_a_free_loan_has_a_rate_of_zero_without_a_sign() -> None:
    request = a_request("after_months", [(1_000_000, 0)], [(500_000, 5), (500_000, 11)])
    assert shown(request) == ("0.0000", None)


def one_year(paid_xof: int) -> Rates:
    return compute_rates([Flow(100_000_000, Fraction(0)), Flow(-paid_xof, Fraction(1))])


@pytest.mark.parametrize("convention", list(Convention))
@pytest.mark.parametrize(
    ("paid_xof", "is_above"), [(113_999_999, False), (114_000_000, False), (114_000_100, True)]
)
def test_fourteen_percent_is_lawful_and_one_ten_thousandth_more_is_not(
    paid_xof: int, is_above: bool, convention: Convention
) -> None:
    assert one_year(paid_xof).exceeds(Decimal("14.00"), convention) is is_above


def test_the_ceiling_meets_the_unrounded_rate_and_not_the_displayed_one() -> None:
    rates = one_year(114_000_001)
    assert rates.teg_effective_percent == "14.0000"
    assert rates.effective_percent == Decimal("14.000001")
    assert rates.exceeds(Decimal(14), Convention.EFFECTIVE)


def test_a_rate_that_the_convention_lacks_never_passes_a_ceiling() -> None:
    rates = rates_of(a_request("after_days", [(1_000_000, 0)], IRREGULAR))
    with pytest.raises(TegNotComputable):
        rates.exceeds(Decimal(24), Convention.PROPORTIONAL)


@pytest.mark.parametrize(
    "flows",
    [
        [Flow(1_000, Fraction(0)), Flow(1_000, Fraction(1))],
        [Flow(1_000, Fraction(0)), Flow(-1_000, Fraction(0))],
        [Flow(1_000, Fraction(0)), Flow(-11_001, Fraction(1))],
        [Flow(1_000, Fraction(0)), Flow(-9, Fraction(1))],
        [],
    ],
    ids=["nothing paid", "paid at once", "above 1000 %", "below -99 %", "nothing"],
)
def test_flows_that_no_rate_balances_are_refused(flows: list[Flow]) -> None:
    with pytest.raises(TegNotComputable):
        compute_rates(flows)


@pytest.mark.parametrize(
    ("flow", "code"),
    [
        ({"amount_xof": 1_000}, "FLOW_TIME_REQUIRED"),
        ({"amount_xof": 1_000, "after_days": 1, "after_months": 1}, "FLOW_TIME_REQUIRED"),
        ({"amount_xof": 1_000, "on": "2026-02-30"}, "date_parsing"),
        ({"amount_xof": 0, "after_days": 1}, "greater_than_equal"),
        ({"amount_xof": 1_000.0, "after_days": 1}, "int_type"),
        ({"amount_xof": True, "after_days": 1}, "int_type"),
        ({"amount_xof": 1_000, "after_days": "1"}, "int_type"),
        ({"amount_xof": 9_007_199_254_740_992, "after_days": 1}, "less_than_equal"),
        ({"amount_xof": 1_000, "after_days": 1, "at": 2}, "extra_forbidden"),
    ],
)
def test_a_flow_is_a_whole_amount_at_one_moment(flow: dict[str, Any], code: str) -> None:
    drawdowns = [{"amount_xof": 1_000, "after_days": 0}]
    found = wrong_fields({"drawdowns": drawdowns, "payments": [flow]})
    assert {kind for _, kind in found} == {code}


def test_dates_and_durations_cannot_be_compared() -> None:
    drawdowns = [{"amount_xof": 1_000, "on": "2026-01-01"}]
    payments = [{"amount_xof": 1_100, "after_months": 3}]
    found = wrong_fields({"drawdowns": drawdowns, "payments": payments})
    assert found == {("", "FLOW_TIMES_MIXED")}


@pytest.mark.parametrize("count", [0, 601])
def test_the_number_of_payments_is_bounded(count: int) -> None:
    flow = {"amount_xof": 1_000, "after_days": 1}
    found = wrong_fields({"drawdowns": [flow], "payments": [flow] * count})
    assert {field for field, _ in found} == {"payments"}


@settings(max_examples=80, deadline=None)
@given(
    payments=st.lists(
        st.tuples(st.integers(10**9, 10**12), st.integers(30, 3650)), min_size=1, max_size=40
    ),
    percent=st.integers(-50, 900),
)
def test_the_rate_is_the_one_at_which_the_payments_were_discounted(
    payments: Amounts, percent: int
) -> None:
    growth = 1 + Decimal(percent) / 100
    with localcontext(prec=50):
        worth = sum((paid / growth ** (Decimal(day) / 365) for paid, day in payments), Decimal(0))
    received = Flow(max(1, round(worth)), Fraction(0))
    rates = compute_rates([received, *(Flow(-paid, Fraction(day, 365)) for paid, day in payments)])
    assert abs(rates.effective_percent - percent) < Decimal("0.1") / received.amount_xof * 10**5


def test_sixty_irregular_payments_take_less_than_fifty_milliseconds() -> None:
    payments = [(100_000, 17 * k + k * k % 13) for k in range(1, 61)]
    request = a_request("after_days", [(5_000_000, 0)], payments)
    # the best of five: one may have to collect what the tests before it left in memory
    assert min(spent(request) for _ in range(5)) < 0.05


def spent(request: RateRequest) -> float:
    began = process_time()
    rates_of(request)
    return process_time() - began


def test_the_answer_has_the_pinned_shape() -> None:
    rates = rates_of(a_request("after_months", [(1_000_000, 0)], [(1_010_000, 1)]))
    assert RateRead.model_validate(rates).model_dump() == {
        "teg_effective_percent": "12.6825",
        "teg_proportional_percent": "12.0000",
    }
