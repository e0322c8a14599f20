"""What is computed about a cooperative, and by nobody edited."""

from enum import StrEnum


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
