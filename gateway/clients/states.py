"""The life of a client."""

from enum import StrEnum

from chassis.states import Machine
from gateway.issuer.models import ClientStatus


class ClientAction(StrEnum):
    """What may happen to it."""

    EDIT = "EDIT"
    CHANGE_PROOFS = "CHANGE_PROOFS"
    SUSPEND = "SUSPEND"
    REACTIVATE = "REACTIVATE"
    CLOSE = "CLOSE"


S = ClientStatus
LIFE = Machine[ClientStatus, ClientAction](
    {
        ClientAction.EDIT: ({S.ACTIVE}, S.ACTIVE),
        ClientAction.CHANGE_PROOFS: ({S.ACTIVE}, S.ACTIVE),
        ClientAction.SUSPEND: ({S.ACTIVE}, S.SUSPENDED),
        ClientAction.REACTIVATE: ({S.SUSPENDED}, S.ACTIVE),
        ClientAction.CLOSE: ({S.ACTIVE, S.SUSPENDED}, S.CLOSED),
    }
)
