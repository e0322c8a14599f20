"""The life of a filing."""

from enum import StrEnum

from chassis.states import Machine


class Status(StrEnum):
    """Where a filing stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class Action(StrEnum):
    """What may happen to it."""

    EDIT = "EDIT"
    CORRECT = "CORRECT"
    SUBMIT = "SUBMIT"
    ACCEPT_FOR_REVIEW = "ACCEPT_FOR_REVIEW"
    REQUEST_CHANGES = "REQUEST_CHANGES"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    WITHDRAW = "WITHDRAW"


S = Status
LIFE = Machine[Status, Action](
    {
        Action.EDIT: ({S.DRAFT}, S.DRAFT),
        Action.CORRECT: ({S.CHANGES_REQUESTED}, S.CHANGES_REQUESTED),
        Action.SUBMIT: ({S.DRAFT, S.CHANGES_REQUESTED}, S.SUBMITTED),
        Action.ACCEPT_FOR_REVIEW: ({S.SUBMITTED}, S.UNDER_REVIEW),
        Action.REQUEST_CHANGES: ({S.SUBMITTED, S.UNDER_REVIEW}, S.CHANGES_REQUESTED),
        Action.APPROVE: ({S.UNDER_REVIEW}, S.APPROVED),
        Action.REJECT: ({S.UNDER_REVIEW}, S.REJECTED),
        Action.WITHDRAW: ({S.DRAFT, S.SUBMITTED, S.CHANGES_REQUESTED}, S.WITHDRAWN),
    }
)
