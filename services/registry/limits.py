"""Time limits that the law counts from the end of a year."""

from datetime import date, timedelta

from chassis.clock import months_after

_DAY = timedelta(days=1)


def months_after_year_end(ended: date, months: int) -> date:
    """The last day of so many months after a year: where it ended with a month, they do, too (31
    December and six months is 30 June, and 30 June and six months is 31 December)."""
    begun = ended + _DAY
    if begun.day == 1:
        return months_after(begun, months) - _DAY
    return months_after(ended, months)
