"""Refusals proper to records."""

from chassis.errors import Conflict


class RecordClosed(Conflict):
    """A record that was struck off or absorbed only takes corrections and notes (R48)."""
