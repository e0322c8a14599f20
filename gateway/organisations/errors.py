"""Refusals about organisations."""

from chassis.errors import Conflict


class OrganisationNotActive(Conflict):
    """A suspended or closed organisation receives nobody and no machine."""
