"""Refusals proper to filings."""

from chassis.errors import Forbidden


class FourEyes(Forbidden):
    """Who filed may not review, who filed or reviewed may not decide."""
