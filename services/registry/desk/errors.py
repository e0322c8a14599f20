"""Refusals proper to the desk."""

from chassis.errors import Conflict, Forbidden


class HeldByAnother(Conflict):
    """A colleague holds the file, until a day that the answer names."""


class HeldByNobody(Conflict):
    """There is nothing to give back."""


class NotYourStage(Forbidden):
    """The file waits for an act that the caller's scopes do not open."""
