"""Calendar arithmetic of deadlines."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAKAR = ZoneInfo("Africa/Dakar")
_SATURDAY = 5


def legal_date(instant: datetime) -> date:
    """The day in Dakar."""
    return instant.astimezone(_DAKAR).date()


def working_days_after(instant: datetime, count: int) -> datetime:
    """The same hour `count` working days later; Saturdays and Sundays do not count.

    Public holidays do: half of them follow the moon and are announced the day before, so that a
    deadline counted with them could not be told in advance.
    """
    while count:
        instant += timedelta(days=1)
        count -= instant.weekday() < _SATURDAY
    return instant
