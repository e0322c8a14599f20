"""Loans of lawful terms; a test names only what it is about."""

import json
from typing import Any

from services.financing.schedules.rules import Schedule, build_schedule
from services.financing.schedules.schemas import ScheduleRequest

FLAT_LOAN = {"principal_xof": 1_200_000, "interest_method": "FLAT"}


def terms(**changes: Any) -> dict[str, Any]:
    return {
        "principal_xof": 5_000_000,
        "annual_rate_percent": "12.00",
        "number_of_installments": 12,
        "repay_every": 1,
        "repay_unit": "MONTHS",
        "disbursed_on": "2026-08-05",
        "interest_method": "DECLINING",
        "amortization": "ANNUITY",
        "day_count": "PERIODIC",
    } | changes


def a_request(**changes: Any) -> ScheduleRequest:
    return ScheduleRequest.model_validate_json(json.dumps(terms(**changes)))


def a_schedule(**changes: Any) -> Schedule:
    return build_schedule(a_request(**changes))


def a_fee(amount_xof: int, at: str = "DISBURSEMENT", *, is_tax: bool = False) -> dict[str, Any]:
    return {"code": "FILE_FEE", "amount_xof": amount_xof, "at": at, "is_tax": is_tax}


def totals(schedule: Schedule) -> list[int]:
    return [row.total_xof for row in schedule.installments]


def principals(schedule: Schedule) -> list[int]:
    return [row.principal_xof for row in schedule.installments]


def interests(schedule: Schedule) -> list[int]:
    return [row.interest_xof for row in schedule.installments]


def due_dates(schedule: Schedule) -> list[str]:
    return [row.due_on.isoformat() for row in schedule.installments]
