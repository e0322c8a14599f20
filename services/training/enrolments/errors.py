"""Refusals proper to seats."""

from chassis.errors import Conflict


class RegistrationClosed(Conflict):
    """Registration is only possible in the window of an open session (rule 1)."""


class AlreadyEnrolled(Conflict):
    """One live enrolment per learner, one live delegation per group (rule 2)."""


class SessionFull(Conflict):
    """No seat is free (rule 6)."""


class DelegationIndivisible(Conflict):
    """There are free seats, but not enough for the whole group (rule 13)."""


class SeatsReserved(Conflict):
    """The free seats are kept for women or young people (rule 8)."""


class WaitlistFull(Conflict):
    """Nobody more may wait (rule 7)."""


class SessionHasBegun(Conflict):
    """Whoever wants to leave does so before the first slot."""
