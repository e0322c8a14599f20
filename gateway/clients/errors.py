"""Refusals about clients."""

from chassis.errors import Conflict


class TwoSecretsAlready(Conflict):
    """Two secrets live side by side at the most: one, and the one that replaces it."""


class OtherProofExpected(Conflict):
    """The client proves who it is in another way."""
