"""The life of a person's request about their own data."""

from enum import StrEnum

from chassis.states import Machine


class RequestStatus(StrEnum):
    """Where a request stands."""

    RECEIVED = "RECEIVED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class RequestAction(StrEnum):
    """What may happen to it."""

    GRANT = "GRANT"
    REFUSE = "REFUSE"
    WITHDRAW = "WITHDRAW"


S = RequestStatus
LIFE = Machine[RequestStatus, RequestAction](
    {
        RequestAction.GRANT: ({S.RECEIVED}, S.GRANTED),
        RequestAction.REFUSE: ({S.RECEIVED}, S.REFUSED),
        RequestAction.WITHDRAW: ({S.RECEIVED}, S.WITHDRAWN),
    }
)
