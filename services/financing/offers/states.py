"""The life of an offer."""

from enum import StrEnum

from chassis.states import Machine


class Status(StrEnum):
    """Where an offer stands."""

    LIVE = "LIVE"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    LAPSED = "LAPSED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    REVOKED = "REVOKED"


class Action(StrEnum):
    """What may happen to it."""

    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    LAPSE = "LAPSE"
    EXPIRE = "EXPIRE"
    SUPERSEDE = "SUPERSEDE"
    REVOKE = "REVOKE"


S = Status
LIFE = Machine[Status, Action](
    {
        Action.ACCEPT: ({S.LIVE}, S.ACCEPTED),
        Action.DECLINE: ({S.LIVE}, S.DECLINED),
        # an accepted offer lapses when its financing ends before the contract
        Action.LAPSE: ({S.LIVE, S.ACCEPTED}, S.LAPSED),
        Action.EXPIRE: ({S.LIVE}, S.EXPIRED),
        Action.SUPERSEDE: ({S.LIVE}, S.SUPERSEDED),
        Action.REVOKE: ({S.LIVE}, S.REVOKED),
    }
)
