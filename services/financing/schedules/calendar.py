"""When each instalment falls due, and how long its period is for its interest and for the TEG."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from services.financing.schedules.schemas import DayCount, RepayUnit, ScheduleRequest

_UNITS_PER_YEAR = {RepayUnit.DAYS: 365, RepayUnit.WEEKS: 52, RepayUnit.MONTHS: 12}
_DAYS_PER_YEAR = {DayCount.ACT_365: 365, DayCount.ACT_364: 364, DayCount.ACT_360: 360}


@dataclass(frozen=True)
class Period:
    """`days` to `due_on`, and the exact rate of interest for them (1/100 is 1 %)."""

    number: int
    due_on: date
    days: int
    rate: Fraction


def periods_of(request: ScheduleRequest) -> list[Period]:
    """The periods of a loan, one for each instalment."""
    due = _due_dates(request)
    starts = [request.disbursed_on, *due[:-1]]
    return [
        Period(number, end, (end - start).days, _rate(request, number, start, end))
        for number, (start, end) in enumerate(zip(starts, due, strict=True), start=1)
    ]


def periods_per_year(request: ScheduleRequest) -> Fraction:
    """52 weeks, 12 months or 365 days, over `repay_every`."""
    return Fraction(_UNITS_PER_YEAR[request.repay_unit], request.repay_every)


def moments_of(
    request: ScheduleRequest, periods: list[Period], *, is_single_payment: bool
) -> list[Fraction]:
    """Years from the disbursement, for the TEG: equal months, else days / 365.

    A single payment has no period of its own: it is counted as its interest is.
    """
    by_days = is_single_payment and request.day_count in _DAYS_PER_YEAR
    if request.repay_unit is RepayUnit.MONTHS and _starts_on_time(request) and not by_days:
        return [Fraction(period.number * request.repay_every, 12) for period in periods]
    return [Fraction((period.due_on - request.disbursed_on).days, 365) for period in periods]


def _shifted(origin: date, count: int, unit: RepayUnit) -> date:
    """`origin` plus `count` units; a day that the month lacks becomes its last."""
    if unit is not RepayUnit.MONTHS:
        return origin + timedelta(days=count * (7 if unit is RepayUnit.WEEKS else 1))
    year, month = divmod(origin.year * 12 + origin.month - 1 + count, 12)
    return date(year, month + 1, min(origin.day, monthrange(year, month + 1)[1]))


def _due_dates(request: ScheduleRequest) -> list[date]:
    """Each counted from the same origin, so that a month-end anchor never drifts."""
    first = request.first_due_on
    origin, skipped = (request.disbursed_on, 1) if first is None else (first, 0)
    numbers = range(skipped, skipped + request.number_of_installments)
    return [_shifted(origin, request.repay_every * k, request.repay_unit) for k in numbers]


def _starts_on_time(request: ScheduleRequest) -> bool:
    """Whether the first period is as long as the others."""
    usual = _shifted(request.disbursed_on, request.repay_every, request.repay_unit)
    return request.first_due_on in (None, usual)


def _rate(request: ScheduleRequest, number: int, start: date, end: date) -> Fraction:
    if number <= request.interest_free_periods:
        return Fraction(0)
    return request.annual_rate * _years(request, number, start, end)


def _years(request: ScheduleRequest, number: int, start: date, end: date) -> Fraction:
    """The length of a period in years, as the day count sees it."""
    count, unit = request.day_count, request.repay_unit
    if count in _DAYS_PER_YEAR:
        return Fraction((end - start).days, _DAYS_PER_YEAR[count])
    is_usual = number > 1 or _starts_on_time(request)
    if count is DayCount.PERIODIC or (unit is RepayUnit.MONTHS and is_usual):
        return Fraction(request.repay_every, _UNITS_PER_YEAR[unit])
    months = (end.year - start.year) * 12 + end.month - start.month
    return Fraction(months * 30 + min(end.day, 30) - min(start.day, 30), 360)  # 30E/360
