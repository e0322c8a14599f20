"""Simulations of repayment schedules."""

from chassis.errors import Finding, ValidationFailed
from services.financing.rates.errors import TegNotComputable
from services.financing.schedules.errors import AmountOutOfRange, ScheduleNotAmortising
from services.financing.schedules.rules import Schedule, build_schedule
from services.financing.schedules.schemas import ScheduleRequest


def simulate(request: ScheduleRequest, pointer: str = "") -> Schedule:
    """The schedule of `request`; a loan that cannot be repaid so is a finding at `pointer`."""
    try:
        return build_schedule(request)
    except ScheduleNotAmortising:
        code = "SCHEDULE_NOT_AMORTISING"
    except AmountOutOfRange:
        code = "AMOUNT_OUT_OF_RANGE"
    except TegNotComputable:
        code = "TEG_NOT_COMPUTABLE"
    raise ValidationFailed(findings=[Finding(code=code, pointer=pointer)])
