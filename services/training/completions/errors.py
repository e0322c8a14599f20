"""Refusals proper to results."""

from chassis.errors import Conflict


class CompletionAlreadyDecided(Conflict):
    """A decision is taken once."""


class DecisionMissing(Conflict):
    """Results are validated when every attending learner has a decision."""
