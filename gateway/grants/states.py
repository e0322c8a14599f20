"""The life of an access grant: it ends by itself at its day, or by a revocation before."""

from enum import StrEnum

from chassis.states import Machine


class GrantStatus(StrEnum):
    """Where a grant stands; computed from its dates, so that no clock has to write it down."""

    ACTIVE = "ACTIVE"
    ENDED = "ENDED"
    REVOKED = "REVOKED"


class GrantAction(StrEnum):
    """What may happen to it."""

    REVOKE = "REVOKE"


LIFE = Machine[GrantStatus, GrantAction](
    {GrantAction.REVOKE: ({GrantStatus.ACTIVE}, GrantStatus.REVOKED)}
)
