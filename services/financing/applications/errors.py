"""Refusals proper to applications."""

from chassis.errors import Conflict


class AppealExpired(Conflict):
    """Thirty days have passed, or there was an appeal already."""
