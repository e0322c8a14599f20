"""The life of an enrolment. Whether a seat is held is an attribute of the state."""

from enum import StrEnum

from chassis.states import Machine


class EnrolmentStatus(StrEnum):
    """Where an enrolment stands."""

    SUBMITTED = "SUBMITTED"
    WAITLISTED = "WAITLISTED"
    OFFERED = "OFFERED"
    CONFIRMED = "CONFIRMED"
    ATTENDING = "ATTENDING"
    COMPLETED = "COMPLETED"
    PARTICIPATED = "PARTICIPATED"
    NO_SHOW = "NO_SHOW"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    OFFER_LAPSED = "OFFER_LAPSED"
    CANCELLED_BY_ORGANISER = "CANCELLED_BY_ORGANISER"
    TRANSFERRED = "TRANSFERRED"

    @property
    def holds_seat(self) -> bool:
        """Whether nobody else may have this place."""
        return self in HOLDING

    @property
    def is_live(self) -> bool:
        """Whether the learner still has a way to take part."""
        return self in LIVE


class EnrolmentAction(StrEnum):
    """What may happen to it."""

    CONFIRM = "CONFIRM"
    WAITLIST = "WAITLIST"
    REJECT = "REJECT"
    OFFER = "OFFER"
    ACCEPT_OFFER = "ACCEPT_OFFER"
    LAPSE_OFFER = "LAPSE_OFFER"
    WITHDRAW = "WITHDRAW"
    ATTEND = "ATTEND"
    MISS = "MISS"
    COMPLETE = "COMPLETE"
    PARTICIPATE = "PARTICIPATE"
    CANCEL = "CANCEL"
    TRANSFER = "TRANSFER"


S = EnrolmentStatus
A = EnrolmentAction
LIFE = Machine[EnrolmentStatus, EnrolmentAction](
    {
        A.CONFIRM: ({S.SUBMITTED}, S.CONFIRMED),
        A.WAITLIST: ({S.SUBMITTED}, S.WAITLISTED),
        A.REJECT: ({S.SUBMITTED}, S.REJECTED),
        A.OFFER: ({S.WAITLISTED}, S.OFFERED),
        A.ACCEPT_OFFER: ({S.OFFERED}, S.CONFIRMED),
        A.LAPSE_OFFER: ({S.OFFERED}, S.OFFER_LAPSED),
        # Whoever waits may leave the queue as well; an offer is declined, which lapses it.
        A.WITHDRAW: ({S.SUBMITTED, S.WAITLISTED, S.CONFIRMED}, S.WITHDRAWN),
        A.ATTEND: ({S.CONFIRMED}, S.ATTENDING),
        A.MISS: ({S.CONFIRMED}, S.NO_SHOW),
        A.COMPLETE: ({S.ATTENDING}, S.COMPLETED),
        A.PARTICIPATE: ({S.ATTENDING}, S.PARTICIPATED),
        A.CANCEL: (
            {S.SUBMITTED, S.WAITLISTED, S.OFFERED, S.CONFIRMED, S.ATTENDING},
            S.CANCELLED_BY_ORGANISER,
        ),
        A.TRANSFER: ({S.CONFIRMED}, S.TRANSFERRED),
    }
)

HOLDING = frozenset({S.OFFERED, S.CONFIRMED, S.ATTENDING, S.COMPLETED, S.PARTICIPATED, S.NO_SHOW})
LIVE = frozenset(
    {S.SUBMITTED, S.WAITLISTED, S.OFFERED, S.CONFIRMED, S.ATTENDING, S.COMPLETED, S.PARTICIPATED}
)
PRESENTABLE = frozenset({S.CONFIRMED, S.ATTENDING})
