"""Where a file stands on the desk."""

from enum import StrEnum


class Stage(StrEnum):
    """What is being examined: is the file complete, then what is decided."""

    COMPLETENESS = "COMPLETENESS"
    DECISION = "DECISION"


class Clock(StrEnum):
    """Whose time runs: nobody's before the arrival, the authority's, the filer's, nobody's."""

    NOT_STARTED = "NOT_STARTED"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    ENDED = "ENDED"


class StepKind(StrEnum):
    """What happened to a file on its way."""

    ARRIVED = "ARRIVED"
    TAKEN = "TAKEN"
    ASSIGNED = "ASSIGNED"
    RELEASED = "RELEASED"
    FREED = "FREED"  # who held it left, or lost the territory or the scope
    RETURNED = "RETURNED"
    RESUBMITTED = "RESUBMITTED"
    FOUND_COMPLETE = "FOUND_COMPLETE"
    TRANSFERRED = "TRANSFERRED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
