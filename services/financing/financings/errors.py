"""Refusals proper to financings."""

from chassis.errors import Conflict


class DisbursementExceedsApproved(Conflict):
    """More than was contracted."""


class DisbursementRefConflict(Conflict):
    """One reference, one disbursement."""


class RepaymentRefConflict(Conflict):
    """One reference, one repayment."""
