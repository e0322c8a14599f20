"""What holds for any lawful terms."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.financing.schedules.rules import Schedule
from tests.financing.loans import a_schedule, interests, principals, totals


@st.composite
def any_terms(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 360))
    changes = {
        "principal_xof": draw(st.integers(1, 10**12)),
        "annual_rate_percent": str(Decimal(draw(st.integers(0, 6000))) / 100),
        "number_of_installments": count,
        "grace_principal": draw(st.integers(0, min(count - 1, 24))),
        "day_count": draw(st.sampled_from(["PERIODIC", "THIRTY_360", "ACT_360"])),
        "rounding": draw(st.sampled_from(["HALF_EVEN", "HALF_UP"])),
        "disbursed_on": draw(st.dates(date(2020, 1, 1), date(2040, 1, 1))).isoformat(),
    }
    free = draw(st.integers(0, min(count - 1, 6)))
    deferred = draw(st.sampled_from([0, *range(free + 1, min(count, 24))]))
    return changes | {"interest_free_periods": free, "grace_interest": deferred}


def assert_sound(schedule: Schedule, given_terms: dict[str, Any]) -> None:
    rows, amount = schedule.installments, given_terms["principal_xof"]
    balances = [amount, *(row.balance_xof for row in rows)]
    assert [row.number for row in rows] == list(range(1, given_terms["number_of_installments"] + 1))
    assert sum(principals(schedule)) == amount
    assert balances == sorted(balances, reverse=True)
    assert balances[-1] == 0
    assert {type(value) for row in rows for value in (row.principal_xof, row.total_xof)} == {int}
    assert min(principals(schedule) + interests(schedule)) >= 0
    assert not any(principals(schedule)[: given_terms["grace_principal"]])
    assert not any(interests(schedule)[: given_terms["grace_interest"]])
    assert not any(interests(schedule)[: given_terms["interest_free_periods"]])
    assert schedule.total_interest_xof == sum(interests(schedule))


@pytest.mark.parametrize("method", ["DECLINING", "FLAT"])
@pytest.mark.parametrize("amortization", ["ANNUITY", "EQUAL_PRINCIPAL", "BULLET"])
@settings(max_examples=40, deadline=None)
@given(drawn=any_terms())
def test_every_schedule_is_sound(amortization: str, method: str, drawn: dict[str, Any]) -> None:
    changes = drawn | {"amortization": amortization, "interest_method": method}
    changes |= {"day_count": "PERIODIC"} if amortization == "ANNUITY" else {}
    assert_sound(a_schedule(**changes), changes)


@settings(max_examples=60, deadline=None)
@given(drawn=any_terms(), part=st.integers(1, 100))
def test_every_balloon_is_sound_and_paid_last(drawn: dict[str, Any], part: int) -> None:
    is_short = drawn["number_of_installments"] - drawn["grace_principal"] == 1
    balloon = -(-drawn["principal_xof"] * (100 if is_short else part) // 100)
    changes = drawn | {"amortization": "BALLOON", "balloon_xof": balloon}
    schedule = a_schedule(**changes)
    assert_sound(schedule, changes)
    assert principals(schedule)[-1] == balloon


@settings(max_examples=60, deadline=None)
@given(
    amount=st.integers(1, 10**12),
    count=st.integers(2, 360),
    rate=st.integers(0, 6000),
)
def test_the_last_annuity_differs_by_the_rounding_of_the_others_at_most(
    amount: int, count: int, rate: int
) -> None:
    percent = Decimal(rate) / 100
    schedule = a_schedule(
        principal_xof=amount, number_of_installments=count, annual_rate_percent=str(percent)
    )
    first, last = totals(schedule)[0], totals(schedule)[-1]
    growth = 1 + percent / 1200  # each row may err by one franc, which then bears interest
    bound = sum(growth**k for k in range(count))
    assert abs(last - first) <= bound
    assert set(totals(schedule)[:-1]) == {first} or last == 0
