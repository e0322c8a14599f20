"""Refusals proper to assignments."""

from chassis.errors import Conflict


class AssignmentAlreadyDecided(Conflict):
    """One decision for one assignment; another must say that it supersedes it."""


class AssignmentExpired(Conflict):
    """The lender's time is over, whether or not the timer has passed by."""


class AssignmentRecalled(Conflict):
    """The application no longer waits for this lender."""


class AssignmentDeclined(Conflict):
    """The lender declined to study the file."""


class InformationRequestsExhausted(Conflict):
    """The lender asked as often as it may."""


class InformationRequestClosed(Conflict):
    """The question was answered, or the assignment no longer waits."""
