"""Refusals proper to transmissions."""

from chassis.errors import Conflict


class RoundsExhausted(Conflict):
    """The product allows no further round."""
