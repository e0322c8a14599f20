"""What a cooperative owes, and how far that is."""

from enum import StrEnum


class ObligationKind(StrEnum):
    """What is owed."""

    ANNUAL_ASSEMBLY = "ANNUAL_ASSEMBLY"
    ANNUAL_RETURN = "ANNUAL_RETURN"
    MANDATES_END = "MANDATES_END"
    CHANGE_DECLARATION = "CHANGE_DECLARATION"
    CAPITAL = "CAPITAL"
    SUPERVISION = "SUPERVISION"


class ObligationStatus(StrEnum):
    """NOT_STATED: the record lacks what the day is counted from."""

    OPEN = "OPEN"
    OVERDUE = "OVERDUE"
    FULFILLED = "FULFILLED"
    NOT_STATED = "NOT_STATED"
