"""The life of an account."""

from enum import StrEnum

from chassis.states import Machine
from gateway.accounts.models import AccountStatus


class UserAction(StrEnum):
    """What may happen to it. ACTIVATE is the person's own: their first password, by a code."""

    CORRECT = "CORRECT"
    REINVITE = "REINVITE"
    ACTIVATE = "ACTIVATE"
    EDIT = "EDIT"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  a name, not a secret
    RESET_SECOND_FACTOR = "RESET_SECOND_FACTOR"
    SUSPEND = "SUSPEND"
    REACTIVATE = "REACTIVATE"
    LEAVE = "LEAVE"
    REPLACE = "REPLACE"


S = AccountStatus
LIFE = Machine[AccountStatus, UserAction](
    {
        UserAction.CORRECT: ({S.INVITED}, S.INVITED),
        UserAction.REINVITE: ({S.INVITED}, S.INVITED),
        UserAction.ACTIVATE: ({S.INVITED}, S.ACTIVE),
        UserAction.EDIT: ({S.ACTIVE}, S.ACTIVE),
        UserAction.RESET_PASSWORD: ({S.ACTIVE}, S.ACTIVE),
        UserAction.RESET_SECOND_FACTOR: ({S.ACTIVE}, S.ACTIVE),
        UserAction.SUSPEND: ({S.ACTIVE}, S.SUSPENDED),
        UserAction.REACTIVATE: ({S.SUSPENDED}, S.ACTIVE),
        UserAction.LEAVE: ({S.INVITED, S.ACTIVE, S.SUSPENDED}, S.LEFT),
        UserAction.REPLACE: ({S.LEFT}, S.LEFT),
    }
)
OF_THE_PERSON = frozenset({UserAction.ACTIVATE})
