"""The life of a filing."""

from enum import StrEnum

from chassis.states import Machine


class FilingStatus(StrEnum):
    """Where a filing stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class FilingAction(StrEnum):
    """What may happen to it."""

    EDIT = "EDIT"
    CORRECT = "CORRECT"
    SUBMIT = "SUBMIT"
    ACCEPT_FOR_REVIEW = "ACCEPT_FOR_REVIEW"
    REQUEST_CHANGES = "REQUEST_CHANGES"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    WITHDRAW = "WITHDRAW"


S = FilingStatus
LIFE = Machine[FilingStatus, FilingAction](
    {
        FilingAction.EDIT: ({S.DRAFT}, S.DRAFT),
        FilingAction.CORRECT: ({S.CHANGES_REQUESTED}, S.CHANGES_REQUESTED),
        FilingAction.SUBMIT: ({S.DRAFT, S.CHANGES_REQUESTED}, S.SUBMITTED),
        FilingAction.ACCEPT_FOR_REVIEW: ({S.SUBMITTED}, S.UNDER_REVIEW),
        FilingAction.REQUEST_CHANGES: ({S.SUBMITTED, S.UNDER_REVIEW}, S.CHANGES_REQUESTED),
        FilingAction.APPROVE: ({S.UNDER_REVIEW}, S.APPROVED),
        FilingAction.REJECT: ({S.UNDER_REVIEW}, S.REJECTED),
        FilingAction.WITHDRAW: ({S.DRAFT, S.SUBMITTED, S.CHANGES_REQUESTED}, S.WITHDRAWN),
    }
)
