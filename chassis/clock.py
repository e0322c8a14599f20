"""Business time. Everything that a rule may depend on asks here, so that tests can set it."""

import time
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_LEGAL_ZONE = ZoneInfo("Africa/Dakar")
_shift = timedelta()
_shift_s = 0.0


def now() -> datetime:
    """The present instant, in UTC, to the millisecond (what the wire can carry)."""
    instant = datetime.now(UTC) + _shift
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def seconds() -> float:
    """The present instant in seconds since 1970, for whoever counts and asks at every request."""
    return time.time() + _shift_s


def today() -> date:
    """The legal date: a day in Dakar, never derived from a UTC string."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The legal date of an instant."""
    return instant.astimezone(_LEGAL_ZONE).date()


def months_after(day: date, count: int) -> date:
    """`day` plus `count` months; a day that the month lacks becomes its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def wire(instant: datetime) -> str:
    """RFC 3339 with `Z` and milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def exact(instant: datetime) -> str:
    """RFC 3339 with `Z`, to the microsecond: as pydantic writes it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Move business time while the block runs."""
    global _shift, _shift_s  # noqa: PLW0603 - one clock per process is the point
    before, _shift = _shift, _shift + by
    _shift_s = _shift.total_seconds()
    try:
        yield
    finally:
        _shift, _shift_s = before, before.total_seconds()
