"""Which codings a caller can read, and which of them they get."""

import re
from collections.abc import Iterable
from functools import lru_cache

IDENTITY, GZIP, BROTLI = b"identity", b"gzip", b"br"
_OURS = (BROTLI, GZIP)  # the better first; where a caller does not mind, it is taken
_NAMES = {b"x-gzip": GZIP}
_WEIGHT = re.compile(rb"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_LONGEST = 256


class Wish:
    """One `Accept-Encoding` (RFC 9110 §12.5.3)."""

    def __init__(self, weights: dict[bytes, float]) -> None:
        rest = weights.get(b"*")
        self._weights = {name: weights.get(name, rest or 0.0) for name in _OURS}
        plain = weights.get(IDENTITY, rest if rest == 0.0 else None)
        best = max(_OURS, key=lambda name: self._weights[name])
        self.coding = best if self.reads(best) and self._weights[best] >= (plain or 0.0) else None
        self.refuses_identity = plain == 0.0
        # where nothing may be squeezed, gzip can still carry what is sent as it is
        self.envelope = GZIP if self.refuses_identity and self.reads(GZIP) else None

    def reads(self, coding: bytes) -> bool:
        """Whether the caller can read it."""
        return self._weights.get(coding, 0.0) > 0.0


def wish_of(headers: Iterable[tuple[bytes, bytes]]) -> Wish:
    """What a request says; one that says nothing reads only what is not coded."""
    sent = [value for name, value in headers if name == b"accept-encoding"]
    return _understood(b",".join(sent)) if sent else NONE


@lru_cache(maxsize=256)
def _understood(text: bytes) -> Wish:
    if len(text) > _LONGEST:
        return NONE
    return Wish(dict(filter(None, map(_weighed, text.lower().split(b",")))))


def _weighed(part: bytes) -> tuple[bytes, float] | None:
    name, _, told = (word.strip() for word in part.partition(b";"))
    if not name:
        return None
    weight = _WEIGHT.fullmatch(told) if told else None
    if told and weight is None:  # what cannot be read is not wished for
        return None
    return _NAMES.get(name, name), float(weight[1]) if weight else 1.0


NONE = Wish({})
