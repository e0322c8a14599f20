"""The life of a training session. «Full» is derived from its seats, it is no state."""

from collections.abc import Collection
from enum import StrEnum

from chassis.errors import IllegalTransition
from chassis.states import Machine


class SessionStatus(StrEnum):
    """Where a session stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    OPEN = "OPEN"
    REGISTRATION_CLOSED = "REGISTRATION_CLOSED"
    IN_PROGRESS = "IN_PROGRESS"
    DELIVERED = "DELIVERED"
    RESULTS_VALIDATED = "RESULTS_VALIDATED"
    CLOSED = "CLOSED"
    POSTPONED = "POSTPONED"
    CANCELLED = "CANCELLED"


class SessionAction(StrEnum):
    """What may happen to it."""

    SUBMIT = "SUBMIT"
    APPROVE = "APPROVE"
    OPEN = "OPEN"
    CLOSE_REGISTRATION = "CLOSE_REGISTRATION"
    START = "START"
    DELIVER = "DELIVER"
    VALIDATE_RESULTS = "VALIDATE_RESULTS"
    CLOSE = "CLOSE"
    POSTPONE = "POSTPONE"
    CANCEL = "CANCEL"


S = SessionStatus
A = SessionAction
LIFE = Machine[SessionStatus, SessionAction](
    {
        A.SUBMIT: ({S.DRAFT, S.POSTPONED}, S.SUBMITTED),
        A.APPROVE: ({S.SUBMITTED}, S.APPROVED),
        A.OPEN: ({S.APPROVED}, S.OPEN),
        A.CLOSE_REGISTRATION: ({S.OPEN}, S.REGISTRATION_CLOSED),
        A.START: ({S.REGISTRATION_CLOSED}, S.IN_PROGRESS),
        A.DELIVER: ({S.IN_PROGRESS}, S.DELIVERED),
        A.VALIDATE_RESULTS: ({S.DELIVERED}, S.RESULTS_VALIDATED),
        A.CLOSE: ({S.RESULTS_VALIDATED}, S.CLOSED),
        A.POSTPONE: ({S.APPROVED, S.OPEN, S.REGISTRATION_CLOSED}, S.POSTPONED),
        A.CANCEL: (
            {
                S.DRAFT,
                S.SUBMITTED,
                S.APPROVED,
                S.OPEN,
                S.REGISTRATION_CLOSED,
                S.IN_PROGRESS,
                S.POSTPONED,
            },
            S.CANCELLED,
        ),
    }
)

PLANNING = frozenset({S.DRAFT, S.POSTPONED})
BEFORE_START = frozenset({S.OPEN, S.REGISTRATION_CLOSED})
UNDER_WAY = frozenset({S.IN_PROGRESS, S.DELIVERED})
FINAL = frozenset({S.RESULTS_VALIDATED, S.CLOSED})


def demand(now: SessionStatus, among: Collection[SessionStatus], act: str) -> None:
    """Refuse, as the life itself would (409), an act that changes no status outside `among`."""
    if now not in among:
        raise IllegalTransition(
            action=act, current_status=now.value, allowed_actions=LIFE.allowed(now)
        )
