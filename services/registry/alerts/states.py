"""What is computed about a cooperative, and by nobody edited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Activity(StrEnum):
    """The computed axis. It dissolves nothing: only members or a court do (art. 177-179)."""

    FUNCTIONAL = "FUNCTIONAL"
    ALERT = "ALERT"
    DORMANT = "DORMANT"


class AlertStatus(StrEnum):
    """What the record says about one alert. NOT_STATED: the fact that it rests on is not there."""

    RAISED = "RAISED"
    CLEAR = "CLEAR"
    NOT_STATED = "NOT_STATED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class AlertCode(StrEnum):
    """The ten alerts."""

    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    A4 = "A4"
    A5 = "A5"
    A6 = "A6"
    A7 = "A7"
    A8 = "A8"
    A9 = "A9"
    A10 = "A10"


@dataclass(frozen=True)
class Told:
    """What one alert comes to: since when it stands, and the figures of its sentence."""

    status: AlertStatus
    since: date | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


CLEAR, NOT_STATED = Told(AlertStatus.CLEAR), Told(AlertStatus.NOT_STATED)
NOT_APPLICABLE = Told(AlertStatus.NOT_APPLICABLE)


def stands(since: date, **params: Any) -> Told:
    """An alert that stands since a day."""
    return Told(AlertStatus.RAISED, since, params)
