"""Answers that are kept, and which ones may be."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.store.keys import TOLD_APART

Headers = Sequence[tuple[bytes, bytes]]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
_OVERHEAD = 1_500  # of Python's objects, as measured
_NEVER = frozenset(b"private no-store no-cache".split())
_STRICT = frozenset(b"must-revalidate proxy-revalidate".split())
_TAG = re.compile(rb'(?:W/)?("[^"]*")')
# of a 304: what a caller needs to go on using what it holds (RFC 9110 §15.4.5)
_OF_UNCHANGED = frozenset(
    b"cache-control content-location date etag expires vary content-language link".split()
)
_NOT_KEPT = frozenset((b"age", b"cache-status", b"content-length"))


class Limits(NamedTuple):
    """The longest that anything is kept, whatever a service says, and how much of it."""

    fresh_s: float = 5.0
    stale_s: float = 60.0
    bytes: int = 33_554_432
    bytes_each: int = 262_144  # who reads slowly has all of it in a buffer of their own


class Keeping(NamedTuple):
    """How long an answer is fresh, and how much longer it is better than none."""

    fresh_s: float
    stale_s: float


def keeping(status: int, headers: Headers, limits: Limits) -> Keeping | None:
    """How long an answer may be kept; None: not at all."""
    if status != 200:
        return None
    told: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in (b"set-cookie", b"content-encoding", b"content-range"):
            return None
        if name in (b"cache-control", b"vary", b"content-length"):
            told[name] = told[name] + b"," + value if name in told else value
    length = told.get(b"content-length", b"")
    # what has no length is a stream, which nobody wants to get all at once at its end
    if not length.isdigit() or int(length) > limits.bytes_each:
        return None
    if not _words(told.get(b"vary", b"")) <= TOLD_APART:
        return None
    return _kept(told.get(b"cache-control", b""), limits)


@lru_cache(maxsize=256)
def _words(value: bytes) -> frozenset[bytes]:
    return frozenset(filter(None, (word.strip().lower() for word in value.split(b","))))


@lru_cache(maxsize=256)
def _kept(cache_control: bytes, limits: Limits) -> Keeping | None:
    words = _words(cache_control)
    names = {word.partition(b"=")[0] for word in words}
    if b"public" not in names or not _NEVER.isdisjoint(names):
        return None
    said = _seconds(words, b"s-maxage")
    if said is None:
        said = _seconds(words, b"max-age")
    if not said:  # a service that does not say how long promises nothing
        return None
    stale = _seconds(words, b"stale-if-error")
    stale_s = limits.stale_s if stale is None else min(stale, limits.stale_s)
    return Keeping(min(said, limits.fresh_s), 0.0 if names & _STRICT else stale_s)


def _seconds(words: frozenset[bytes], name: bytes) -> int | None:
    found = [word.partition(b"=")[2].strip(b'"') for word in words if word.startswith(name + b"=")]
    if not found:
        return None
    return min((int(value) if value.isdigit() and len(value) < 10 else 0) for value in found)


class Entry:
    """One answer, and what it was when it was asked for."""

    __slots__ = (
        "_body",
        "_headers",
        "_status",
        "_tag",
        "at",
        "epoch",
        "fresh_s",
        "size",
        "stale_s",
    )

    def __init__(
        self, headers: Headers, body: bytes, kept: Keeping, *, at: float, epoch: int
    ) -> None:
        self._headers = [pair for pair in headers if pair[0] not in _NOT_KEPT]
        self._body = body
        self._tag = next((value for name, value in headers if name == b"etag"), None)
        self.at, self.epoch = at, epoch
        self.fresh_s, self.stale_s = kept
        self.size = _OVERHEAD + len(body) + sum(len(n) + len(v) for n, v in headers)

    def answer(self, known: bytes | None, now: float, status: bytes) -> Answer:
        """The answer to who holds `known`; `status` says how it was come by (RFC 9211)."""
        age = max(now - self.at, 0.0)
        ttl = int(self.fresh_s - age)
        own = [(b"age", b"%d" % age), (b"cache-status", b"mboolo; %b; ttl=%d" % (status, ttl))]
        if known is not None and self._is_known(known):
            return 304, [*(p for p in self._headers if p[0] in _OF_UNCHANGED), *own], b""
        length = (b"content-length", b"%d" % len(self._body))
        return 200, [*self._headers, length, *own], self._body

    def _is_known(self, known: bytes) -> bool:
        if self._tag is None:
            return False
        mine = _TAG.fullmatch(self._tag)
        return known.strip() == b"*" or (mine is not None and mine[1] in _TAG.findall(known))
