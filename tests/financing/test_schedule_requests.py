"""Which terms are refused, and where."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.financing.loans import a_request


def wrong_fields(**changes: Any) -> set[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        a_request(**changes)
    return {(".".join(map(str, e["loc"])), e["type"]) for e in refused.value.errors()}


@pytest.mark.parametrize("amount", [True, 1000.0, "1 000", "1000", 0, 9_007_199_254_740_992])
def test_francs_are_whole_numbers_and_nothing_else(amount: Any) -> None:
    assert {field for field, _ in wrong_fields(principal_xof=amount)} == {"principal_xof"}


@pytest.mark.parametrize("rate", [12.5, 12, "12,5", "-1", "1e1", "012", "NaN", "1.", "٣"])
def test_rates_are_decimal_strings(rate: Any) -> None:
    fields = {field for field, _ in wrong_fields(annual_rate_percent=rate)}
    assert fields == {"annual_rate_percent"}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"annual_rate_percent": "1000.01"}, "annual_rate_percent", "RATE_OUT_OF_RANGE"),
        ({"amortization": "BALLOON"}, "balloon_xof", "BALLOON_REQUIRED"),
        ({"balloon_xof": 1}, "balloon_xof", "BALLOON_NOT_APPLICABLE"),
        (
            {"amortization": "BALLOON", "balloon_xof": 5_000_001},
            "balloon_xof",
            "BALLOON_ABOVE_PRINCIPAL",
        ),
        (
            {"amortization": "BALLOON", "balloon_xof": 1, "grace_principal": 11},
            "balloon_xof",
            "BALLOON_BELOW_PRINCIPAL",
        ),
        ({"grace_principal": 12}, "grace_principal", "GRACE_TOO_LONG"),
        ({"grace_interest": 12}, "grace_interest", "GRACE_TOO_LONG"),
        ({"interest_free_periods": 12}, "interest_free_periods", "GRACE_TOO_LONG"),
        (
            {"grace_interest": 2, "interest_free_periods": 2},
            "grace_interest",
            "GRACE_WITHOUT_INTEREST",
        ),
        ({"first_due_on": "2026-08-05"}, "first_due_on", "FIRST_DUE_TOO_EARLY"),
        ({"repay_every": 101}, "number_of_installments", "SCHEDULE_TOO_LONG"),
        ({"interest": 1}, "interest", "extra_forbidden"),
        ({"disbursed_on": "1899-12-31"}, "disbursed_on", "DATE_OUT_OF_RANGE"),
        ({"number_of_installments": 601}, "number_of_installments", "less_than_equal"),
    ],
)
def test_contradictory_terms_are_refused_at_the_field_that_is_wrong(
    changes: dict[str, Any], field: str, code: str
) -> None:
    assert wrong_fields(**changes) == {(field, code)}


def test_all_contradictions_are_told_at_once() -> None:
    changes = {"amortization": "BALLOON", "grace_interest": 30, "first_due_on": "2026-01-01"}
    assert {code for _, code in wrong_fields(**changes)} == {
        "BALLOON_REQUIRED",
        "GRACE_TOO_LONG",
        "FIRST_DUE_TOO_EARLY",
    }
