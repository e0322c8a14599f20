"""Refusals of the ceiling table."""

from chassis.errors import Unavailable


class CeilingUnavailable(Unavailable):
    """No ceiling is known for this category and day: nothing can be found lawful without one."""
