"""The life of an application."""

from enum import StrEnum

from chassis.states import Machine


class Status(StrEnum):
    """Where an application stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    LAPSED = "LAPSED"
    ELIGIBLE = "ELIGIBLE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    WITH_LENDERS = "WITH_LENDERS"
    OFFERED = "OFFERED"
    UNPLACED = "UNPLACED"
    ACCEPTED = "ACCEPTED"
    CONTRACTED = "CONTRACTED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"


class Action(StrEnum):
    """What may happen to it."""

    EDIT = "EDIT"
    CORRECT = "CORRECT"
    SUBMIT = "SUBMIT"
    FIND_COMPLETE = "FIND_COMPLETE"
    REQUEST_CHANGES = "REQUEST_CHANGES"
    LAPSE = "LAPSE"
    FIND_ELIGIBLE = "FIND_ELIGIBLE"
    FIND_NOT_ELIGIBLE = "FIND_NOT_ELIGIBLE"
    APPEAL = "APPEAL"
    TRANSMIT = "TRANSMIT"
    RECEIVE_OFFER = "RECEIVE_OFFER"
    LOSE_OFFERS = "LOSE_OFFERS"
    GIVE_UP = "GIVE_UP"
    ACCEPT = "ACCEPT"
    CONTRACT = "CONTRACT"
    WITHDRAW = "WITHDRAW"
    CANCEL = "CANCEL"


S = Status
_BEFORE_ACCEPTANCE = {
    S.DRAFT,
    S.SUBMITTED,
    S.UNDER_REVIEW,
    S.CHANGES_REQUESTED,
    S.ELIGIBLE,
    S.WITH_LENDERS,
    S.OFFERED,
}
# What counts as open: one for a cooperative, a product and a purpose (a draft binds nobody).
OPEN = (_BEFORE_ACCEPTANCE - {S.DRAFT}) | {S.ACCEPTED}

LIFE = Machine[Status, Action](
    {
        Action.EDIT: ({S.DRAFT}, S.DRAFT),
        Action.CORRECT: ({S.CHANGES_REQUESTED}, S.CHANGES_REQUESTED),
        Action.SUBMIT: ({S.DRAFT, S.CHANGES_REQUESTED}, S.SUBMITTED),
        # after an appeal the file is under review already, and another officer reads it
        Action.FIND_COMPLETE: ({S.SUBMITTED, S.UNDER_REVIEW}, S.UNDER_REVIEW),
        Action.REQUEST_CHANGES: ({S.SUBMITTED, S.UNDER_REVIEW}, S.CHANGES_REQUESTED),
        Action.LAPSE: ({S.CHANGES_REQUESTED}, S.LAPSED),
        Action.FIND_ELIGIBLE: ({S.UNDER_REVIEW}, S.ELIGIBLE),
        Action.FIND_NOT_ELIGIBLE: ({S.UNDER_REVIEW}, S.NOT_ELIGIBLE),
        Action.APPEAL: ({S.NOT_ELIGIBLE}, S.UNDER_REVIEW),
        # a file that nobody took may make another round
        Action.TRANSMIT: ({S.ELIGIBLE, S.UNPLACED}, S.WITH_LENDERS),
        Action.RECEIVE_OFFER: ({S.WITH_LENDERS, S.OFFERED}, S.OFFERED),
        Action.LOSE_OFFERS: ({S.OFFERED}, S.WITH_LENDERS),
        Action.GIVE_UP: ({S.WITH_LENDERS, S.OFFERED, S.ACCEPTED}, S.UNPLACED),
        Action.ACCEPT: ({S.OFFERED}, S.ACCEPTED),
        Action.CONTRACT: ({S.ACCEPTED}, S.CONTRACTED),
        Action.WITHDRAW: (_BEFORE_ACCEPTANCE | {S.ACCEPTED}, S.WITHDRAWN),
        Action.CANCEL: (_BEFORE_ACCEPTANCE | {S.ACCEPTED, S.CONTRACTED}, S.CANCELLED),
    }
)
