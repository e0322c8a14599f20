"""The life of an assignment: one application in the hands of one lender."""

from enum import StrEnum

from chassis.states import Machine


class Status(StrEnum):
    """Where an assignment stands."""

    SENT = "SENT"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    INFO_REQUESTED = "INFO_REQUESTED"
    DECIDED = "DECIDED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    RECALLED = "RECALLED"


class Action(StrEnum):
    """What may happen to it."""

    ACKNOWLEDGE = "ACKNOWLEDGE"
    DECLINE = "DECLINE"
    REQUEST_INFORMATION = "REQUEST_INFORMATION"
    ANSWER_INFORMATION = "ANSWER_INFORMATION"
    DECIDE = "DECIDE"
    AMEND = "AMEND"
    EXPIRE = "EXPIRE"
    RECALL = "RECALL"


S = Status
OPEN = {S.SENT, S.ACKNOWLEDGED, S.INFO_REQUESTED}

LIFE = Machine[Status, Action](
    {
        Action.ACKNOWLEDGE: ({S.SENT}, S.ACKNOWLEDGED),
        Action.DECLINE: (OPEN, S.DECLINED),
        Action.REQUEST_INFORMATION: ({S.ACKNOWLEDGED}, S.INFO_REQUESTED),
        Action.ANSWER_INFORMATION: ({S.INFO_REQUESTED}, S.ACKNOWLEDGED),
        # deciding is the best acknowledgement, and need not wait for an answer
        Action.DECIDE: (OPEN, S.DECIDED),
        Action.AMEND: ({S.DECIDED}, S.DECIDED),
        Action.EXPIRE: (OPEN, S.EXPIRED),
        Action.RECALL: (OPEN, S.RECALLED),
    }
)
