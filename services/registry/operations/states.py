"""The life of an operation."""

from enum import StrEnum

from chassis.states import Machine


class OperationStatus(StrEnum):
    """Where long work stands."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class OperationAction(StrEnum):
    """What may happen to it."""

    PROCEED = "PROCEED"
    SUCCEED = "SUCCEED"
    FAIL = "FAIL"


S = OperationStatus
_OPEN = {S.PENDING, S.RUNNING}
LIFE = Machine[OperationStatus, OperationAction](
    {
        OperationAction.PROCEED: (_OPEN, S.RUNNING),
        OperationAction.SUCCEED: (_OPEN, S.SUCCEEDED),
        OperationAction.FAIL: (_OPEN, S.FAILED),
    }
)
