"""Refusals proper to filings."""

from chassis.errors import Forbidden, Unprocessable


class FourEyes(Forbidden):
    """Who filed may not review, who filed or reviewed may not decide."""


class ReasonRequired(Unprocessable):
    """A rejection without its reason."""
