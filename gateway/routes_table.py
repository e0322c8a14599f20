"""Which service answers which address: prefixes of the contract, compared byte by byte."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

_PREFIX: Final = b"/v1/"
# `.` and `..`, plain or escaped, and NUL: nobody needs them, and two readers may understand them
# differently
_STRANGE: Final = re.compile(rb"/(?:\.|%2e){1,2}(?=/|$)|%00", re.IGNORECASE)

REGISTRY = """
code-lists name-checks filings cooperatives initiatives events ledger name-reservations documents
imports exports operations snapshots work-items holidays members data-accesses data-requests
alerts
"""
TRAINING = """
tools tool-versions adaptations programmes programme-versions training-sessions enrolments
delegations seat-offers attendance-events assessments completion-decisions training-certificates
trainers accreditations agreements action-plans activities indicators
"""
FINANCING = """
financing-products rate-ceilings lenders financing-applications lender offers financings
repayment-schedules rate-calculations
"""


@dataclass(frozen=True)
class Way:
    """Where a request goes; `path` stands in the log instead of its address."""

    service: str
    path: str


def _ways() -> dict[bytes, Way]:
    words = {"registry": REGISTRY, "training": TRAINING, "financing": FINANCING}
    return {
        word.encode(): Way(service, f"/v1/{word}")
        for service, listed in words.items()
        for word in listed.split()
    }


# The one address below a service's word that the gateway answers: it asks all three services.
_OVERVIEW: Final = (b"cooperatives", b"overview")
# Shared words: the beginning of the second one decides.
SHARED: Final[dict[bytes, dict[bytes, Way]]] = {
    b"verifications": {
        b"R": Way("registry", "/v1/verifications"),
        b"T": Way("training", "/v1/verifications"),
        b"F": Way("financing", "/v1/verifications"),
    },
    b"signing-keys": {
        b"reg-": Way("registry", "/v1/signing-keys"),
        b"trn-": Way("training", "/v1/signing-keys"),
        b"fin-": Way("financing", "/v1/signing-keys"),
    },
    # what the register holds about whoever asks; the rest of /v1/me is the gateway's own
    b"me": {
        word.encode(): Way("registry", f"/v1/me/{word}")
        for word in ("data-accesses", "personal-data", "member-links")
    },
    b"statistics": {
        b"cooperatives": Way("registry", "/v1/statistics/cooperatives"),
        b"filings": Way("registry", "/v1/statistics/filings"),
        b"training": Way("training", "/v1/statistics/training"),
        b"financing": Way("financing", "/v1/statistics/financing"),
    },
}


class Table:
    """The ways by the first word of an address; those of shared words are always the built-in."""

    def __init__(self, by_first_word: Mapping[bytes, Way]) -> None:
        self._by_first_word = by_first_word

    @property
    def words(self) -> Collection[bytes]:
        """The first words that lead to a service."""
        return self._by_first_word.keys()

    def with_words(self, services: Mapping[str, str]) -> "Table":
        """The same, but these words lead to these services."""
        added = {word.encode(): Way(name, f"/v1/{word}") for word, name in services.items()}
        return Table({**self._by_first_word, **added})

    def find(self, path: bytes) -> Way | None:
        """The way of a raw path (without query); None for what the gateway answers itself."""
        if not path.startswith(_PREFIX):
            return None
        # `in` would first ask whether what is looked for is a number, by way of an error
        is_odd = path.find(b".") >= 0 or path.find(b"%") >= 0
        if is_odd and _STRANGE.search(path):
            return None
        first, _, rest = path[len(_PREFIX) :].partition(b"/")
        if first in SHARED:
            ways = SHARED[first].items()
            return next((way for start, way in ways if rest.startswith(start)), None)
        if rest.endswith(_OVERVIEW[1]) and (first, rest.partition(b"/")[2]) == _OVERVIEW:
            return None
        return self._by_first_word.get(first)


BUILT_IN = Table(_ways())
find = BUILT_IN.find
