"""Refusals proper to the calendar of working days."""

from chassis.errors import Forbidden


class NationalTerritoryRequired(Forbidden):
    """What counts for every office is entered by who is responsible for all of them."""
