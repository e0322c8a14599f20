"""Refusals that several features of financing share."""

from chassis.errors import Forbidden


class LenderRequired(Forbidden):
    """The token opens the lenders' door but names no lender."""


class OwnerRequired(Forbidden):
    """The act binds the cooperative for money: no grant opens it, only its own organisation."""


class FourEyes(Forbidden):
    """Whoever did the step before may not do this one."""
