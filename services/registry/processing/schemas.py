"""Processing statistics on the wire."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel


class By(StrEnum):
    """What the indicators are told apart by."""

    REGION = "REGION"
    AUTHORITY = "AUTHORITY"
    TYPE = "TYPE"
    MONTH = "MONTH"


class Indicator(StrEnum):
    """What is measured. Medians are in days."""

    MEDIAN_DAYS_TO_DECISION = "MEDIAN_DAYS_TO_DECISION"
    MEDIAN_DAYS_WITH_STOPS = "MEDIAN_DAYS_WITH_STOPS"
    RETURN_RATE = "RETURN_RATE"
    DECIDED_IN_TIME = "DECIDED_IN_TIME"
    REJECTION_RATE = "REJECTION_RATE"
    BACKLOG = "BACKLOG"
    OVERDUE = "OVERDUE"


class Measure(BaseModel):
    """One indicator. `not_stated` counts filings that belong to it but of which what is needed is
    not known. All is null where so few filings are behind it that one could be recognised."""

    indicator: Indicator
    value: float | None
    numerator: int | None
    denominator: int | None
    not_stated: int | None
    is_suppressed: bool


class Group(BaseModel):
    """The indicators of one territory, type or month; `key` is null for the whole."""

    key: str | None
    measures: list[Measure]


class FilingStatistics(BaseModel):
    """How filings were processed. Medians, decisions and returns count what was decided or arrived
    in the period; backlog and overdue are of `as_of`. By month, what arrived, came back or is open
    stands under the month of its arrival, what was decided under that of the decision; no month is
    outside of the period."""

    as_of: datetime
    since: date | None
    until: date | None
    place: str | None
    type: str | None
    by: By | None
    smallest_cell: int
    total: Group
    groups: list[Group]
    has_more_groups: bool
