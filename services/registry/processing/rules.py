"""From counts to indicators, and which of them may be told: pure functions over values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.registry.processing.schemas import Group, Indicator, Measure

SMALLEST_CELL = 5
MOST_GROUPS = 200


@dataclass(frozen=True)
class Counts:
    """What was counted about some filings."""

    key: str | None
    arrived: int  # in the period
    returned: int  # of those, at least once
    decided: int  # in the period
    measured: int  # of those, with a clock that was watched from the arrival
    rejected: int
    in_time: int
    days: float | None  # median without the days of the filer
    days_with_stops: float | None
    open: int  # now
    waiting: int  # of those, for their filer
    overdue: int


def indicators(counts: Counts) -> list[Measure]:
    """Every indicator, with its numerator, denominator and what is not known."""
    unmeasured = counts.decided - counts.measured
    running = counts.open - counts.waiting
    return [
        _median(Indicator.MEDIAN_DAYS_TO_DECISION, counts.days, counts.measured, unmeasured),
        _median(Indicator.MEDIAN_DAYS_WITH_STOPS, counts.days_with_stops, counts.decided, 0),
        _rate(Indicator.RETURN_RATE, counts.returned, counts.arrived, 0),
        _rate(Indicator.DECIDED_IN_TIME, counts.in_time, counts.measured, unmeasured),
        _rate(Indicator.REJECTION_RATE, counts.rejected, counts.decided, 0),
        _count(Indicator.BACKLOG, counts.open),
        _rate(Indicator.OVERDUE, counts.overdue, running, 0),
    ]


def _median(indicator: Indicator, days: float | None, n: int, unknown: int) -> Measure:
    value = None if days is None else round(days, 1)
    return _measure(indicator, value, n, n, unknown)


def _rate(indicator: Indicator, part: int, whole: int, unknown: int) -> Measure:
    value = round(part / whole, 3) if whole else None
    return _measure(indicator, value, part, whole, unknown)


def _count(indicator: Indicator, n: int) -> Measure:
    return _measure(indicator, float(n), n, n, 0)


def _measure(
    indicator: Indicator, value: float | None, part: int, whole: int, unknown: int
) -> Measure:
    return Measure(
        indicator=indicator,
        value=value,
        numerator=part,
        denominator=whole,
        not_stated=unknown,
        is_suppressed=False,
    )


def _hidden(measure: Measure) -> Measure:
    nothing = dict.fromkeys(("value", "numerator", "denominator", "not_stated"))
    return measure.model_copy(update={**nothing, "is_suppressed": True})


def is_small(measure: Measure, smallest: int) -> bool:
    """Whether so few filings are behind it, or apart from it, that one could be recognised; that
    there was none at all tells of nobody."""
    whole, unknown = measure.denominator or 0, measure.not_stated or 0
    return 0 < whole < smallest or 0 < unknown < smallest


def told(total: Counts, groups: Sequence[Counts], smallest: int) -> tuple[Group, list[Group]]:
    """The indicators that may be told to anyone: small cells are hidden, and where one group alone
    would be hidden the next smallest too, so that the total does not give it away."""
    whole = [_guarded(measure, smallest) for measure in indicators(total)]
    columns = [indicators(counts) for counts in groups]
    shown = [list(row) for row in columns]
    for n in range(len(whole)):
        for row in _to_hide([row[n] for row in columns], smallest):
            shown[row][n] = _hidden(shown[row][n])
    named = [Group(key=counts.key, measures=row) for counts, row in zip(groups, shown, strict=True)]
    return Group(key=None, measures=whole), named


def _guarded(measure: Measure, smallest: int) -> Measure:
    return _hidden(measure) if is_small(measure, smallest) else measure


def _to_hide(column: Sequence[Measure], smallest: int) -> set[int]:
    hidden = {n for n, measure in enumerate(column) if is_small(measure, smallest)}
    others = [n for n, m in enumerate(column) if n not in hidden and (m.denominator or 0) > 0]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda n: column[n].denominator or 0))
    return hidden


def whole_told(total: Counts, groups: Sequence[Counts]) -> tuple[Group, list[Group]]:
    """The indicators for the agents of the place, to whom every one of its filings is known."""
    named = [Group(key=counts.key, measures=indicators(counts)) for counts in groups]
    return Group(key=None, measures=indicators(total)), named


def nothing(key: str | None) -> Counts:
    """Of no filing at all."""
    return replace(_NOTHING, key=key)


_NOTHING = Counts(None, 0, 0, 0, 0, 0, 0, None, None, 0, 0, 0)
