"""Refusals about access grants."""

from chassis.errors import Conflict


class AlreadyGranted(Conflict):
    """The cooperative has a grant to that client; it may be revoked and given anew."""


class ClientFull(Conflict):
    """As many cooperatives as one client can act for have granted it access."""
