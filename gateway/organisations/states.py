"""The life of an organisation."""

from enum import StrEnum

from chassis.states import Machine
from gateway.accounts.models import OrganisationStatus


class OrganisationAction(StrEnum):
    """What may happen to it."""

    EDIT = "EDIT"
    SUSPEND = "SUSPEND"
    REACTIVATE = "REACTIVATE"
    CLOSE = "CLOSE"


S = OrganisationStatus
LIFE = Machine[OrganisationStatus, OrganisationAction](
    {
        OrganisationAction.EDIT: ({S.ACTIVE}, S.ACTIVE),
        OrganisationAction.SUSPEND: ({S.ACTIVE}, S.SUSPENDED),
        OrganisationAction.REACTIVATE: ({S.SUSPENDED}, S.ACTIVE),
        OrganisationAction.CLOSE: ({S.ACTIVE, S.SUSPENDED}, S.CLOSED),
    }
)
