"""Refusals about the keys of clients."""

from chassis.errors import Conflict


class TwoKeysAlready(Conflict):
    """Two keys are active at the most: one, and the one that replaces it."""


class KeyKnown(Conflict):
    """The key was registered before; one that was revoked does not come back."""


class KidTaken(Conflict):
    """The name is another key's, active or revoked: a signature must say which key made it."""


class KeysAtAddress(Conflict):
    """The client publishes its keys at an address of its own."""


class NoKeyAddress(Conflict):
    """The client publishes its keys at no address."""
