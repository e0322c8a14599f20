"""Refusals proper to messages."""

from chassis.errors import Conflict


class NotYetSubmitted(Conflict):
    """Before its arrival nobody but its filers knows of a filing: there is nobody to write to."""


class TooManyMessages(Conflict):
    """A thread has an end: a file that needs more is decided, or sent back with remarks."""
