"""Refusals proper to imports."""

from chassis.errors import Conflict


class ImportChangedHands(Conflict):
    """Another worker has taken over this import: what this one did is not kept."""
