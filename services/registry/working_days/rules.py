"""Arithmetic of working days. The day on which something happens is never counted."""

from collections.abc import Collection
from datetime import date, timedelta

_DAY = timedelta(days=1)
_SATURDAY = 6


def is_working(day: date, closed: Collection[date]) -> bool:
    """Whether the offices are open: neither a weekend nor one of `closed`."""
    return day.isoweekday() < _SATURDAY and day not in closed


def working_day_after(start: date, n: int, closed: Collection[date]) -> date:
    """The `n`-th working day after `start` (n ≥ 1)."""
    day = start
    while n > 0:
        day += _DAY
        n -= is_working(day, closed)
    return day


def working_days_between(start: date, end: date, closed: Collection[date]) -> int:
    """How many working days lie after `start`, up to and with `end`."""
    days = ((start + _DAY * step) for step in range(1, (end - start).days + 1))
    return sum(is_working(day, closed) for day in days)
