"""The life of a financing: from acceptance to the last franc."""

from enum import StrEnum

from chassis.states import Machine


class Status(StrEnum):
    """Where a financing stands. Arrears are read from dates, never stored."""

    ACCEPTED = "ACCEPTED"
    CONTRACTED = "CONTRACTED"
    DISBURSING = "DISBURSING"
    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"
    WRITTEN_OFF = "WRITTEN_OFF"
    CANCELLED = "CANCELLED"


class Action(StrEnum):
    """What may happen to it."""

    CONTRACT = "CONTRACT"
    DISBURSE = "DISBURSE"
    COMPLETE_DISBURSEMENT = "COMPLETE_DISBURSEMENT"
    REPAY = "REPAY"
    RESTRUCTURE = "RESTRUCTURE"
    WRITE_OFF = "WRITE_OFF"
    CLOSE = "CLOSE"
    CANCEL = "CANCEL"


S = Status
LIFE = Machine[Status, Action](
    {
        Action.CONTRACT: ({S.ACCEPTED}, S.CONTRACTED),
        Action.DISBURSE: ({S.CONTRACTED, S.DISBURSING}, S.DISBURSING),
        Action.COMPLETE_DISBURSEMENT: ({S.CONTRACTED, S.DISBURSING}, S.ACTIVE),
        Action.REPAY: ({S.ACTIVE}, S.ACTIVE),
        Action.RESTRUCTURE: ({S.ACTIVE}, S.ACTIVE),
        Action.WRITE_OFF: ({S.ACTIVE}, S.WRITTEN_OFF),
        Action.CLOSE: ({S.ACTIVE}, S.CLOSED),
        Action.CANCEL: ({S.ACCEPTED, S.CONTRACTED}, S.CANCELLED),
    }
)
