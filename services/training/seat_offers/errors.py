"""Refusals proper to offers."""

from chassis.errors import Conflict, Problem


class OfferExpired(Problem):
    """Nobody answered in time (rule 11)."""

    status = 410


class OfferConsumed(Conflict):
    """An offer is answered once (rule 11)."""
