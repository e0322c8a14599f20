"""Refusals about links between accounts and members."""

from chassis.errors import Forbidden


class LinkCodeOwn(Forbidden):
    """Who gave a code may not be the one who uses it."""
