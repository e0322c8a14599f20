"""The life of a certificate. Expired and not yet valid are computed, they are no states."""

from datetime import datetime
from enum import StrEnum

from chassis.states import Machine


class CertificateStatus(StrEnum):
    """Where a certificate stands."""

    ELIGIBLE = "ELIGIBLE"
    APPROVED = "APPROVED"
    ISSUED = "ISSUED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"


class CertificateAction(StrEnum):
    """What may happen to it."""

    APPROVE = "APPROVE"
    ISSUE = "ISSUE"
    SUSPEND = "SUSPEND"
    REINSTATE = "REINSTATE"
    REVOKE = "REVOKE"
    SUPERSEDE = "SUPERSEDE"


S = CertificateStatus
A = CertificateAction
LIFE = Machine[CertificateStatus, CertificateAction](
    {
        A.APPROVE: ({S.ELIGIBLE}, S.APPROVED),
        A.ISSUE: ({S.APPROVED}, S.ISSUED),
        A.SUSPEND: ({S.ISSUED}, S.SUSPENDED),
        A.REINSTATE: ({S.SUSPENDED}, S.ISSUED),
        A.REVOKE: ({S.ISSUED, S.SUSPENDED}, S.REVOKED),
        A.SUPERSEDE: ({S.ISSUED}, S.SUPERSEDED),
    }
)
STANDING = frozenset({S.ELIGIBLE, S.APPROVED, S.ISSUED, S.SUSPENDED})


class LiveStatus(StrEnum):
    """What anybody is told who asks by code."""

    VALID = "VALID"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"
    NOT_YET_VALID = "NOT_YET_VALID"


def live_status(
    status: CertificateStatus, valid_from: datetime, valid_until: datetime | None, now: datetime
) -> LiveStatus:
    """What a certificate is worth at `now`; what ended it for good says more than the calendar."""
    if status is not S.ISSUED:
        return LiveStatus(status.value)
    if now < valid_from:
        return LiveStatus.NOT_YET_VALID
    if valid_until is not None and now >= valid_until:
        return LiveStatus.EXPIRED
    return LiveStatus.VALID
