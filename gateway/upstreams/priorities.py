"""How urgent a request is: what is given up last when a service has no room for everybody."""

from enum import IntEnum

from gateway.limits.classes import HEAVY_WORDS, READS


class Priority(IntEnum):
    """The most urgent first; settings and metrics know them by these names."""

    DECISIONS = 0  # what a lender writes at its desk: money and a deadline hang on it
    WRITES = 1
    READS = 2
    BULK = 3  # exports, imports, documents, snapshots: somebody comes back for them


_DESKS = frozenset({"lender"})
_PREFIX = len("/v1/")


def priority_of(method: str, path: str) -> Priority:
    """The priority of a request for a way's `path` (`/v1/filings`)."""
    word = path[_PREFIX:]
    if word in HEAVY_WORDS:
        return Priority.BULK
    if method in READS:
        return Priority.READS
    return Priority.DECISIONS if word in _DESKS else Priority.WRITES
