"""Refusals proper to sessions."""

from chassis.errors import Conflict, Forbidden


class FourEyes(Forbidden):
    """The one who did may not be the one who confirms."""


class VersionNotPublished(Conflict):
    """Only a published programme version may be taught (rule 18)."""


class ResourceConflict(Conflict):
    """A trainer cannot teach in two places at once (rule 16)."""


class RegistrationWindowPast(Conflict):
    """Nobody could register any more."""


class SessionNotBegun(Conflict):
    """The first slot has not been reached."""


class SessionNotOver(Conflict):
    """A slot has not ended yet."""


class SessionAlreadyHeld(Conflict):
    """What was held cannot be moved to another day."""


class TooFewParticipants(Conflict):
    """Fewer confirmed than the minimum, and nobody signed for it."""


class AttendanceMissing(Conflict):
    """A slot without any attendance cannot count as delivered."""


class AttendanceConflicts(Conflict):
    """Contradictory attendance must be resolved first (rule 22)."""


class CapacityBelowHeld(Conflict):
    """Seats that are held cannot be taken away (rule 10)."""
