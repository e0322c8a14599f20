"""An answer in the coding that its caller reads, as far as it pays and tells nobody anything.

The length of what was squeezed tells whether two parts of it are alike. Where a secret stands
beside what a stranger can choose, that is enough to guess it (BREACH); so only what anybody may
read is squeezed: what says `public`, and sets no cookie.
"""

import re
import zlib
from collections.abc import Sequence
from typing import Protocol

import brotli

from gateway.coding.tags import NOTHING, Held, coded, retold
from gateway.coding.wishes import BROTLI, Wish

Headers = Sequence[tuple[bytes, bytes]]
_LEAST = 1_024  # below it the coding costs more than a packet
_GZIP_LEVEL, _BROTLI_QUALITY, _BROTLI_WINDOW = 4, 3, 18
_AS_IT_IS = 0  # a level of gzip that squeezes nothing
_PAYS = re.compile(
    rb"text/(?!event-stream)[\w.+-]+|application/(?:json|javascript|xml|yaml|[\w.-]+\+(?:json|xml))"
    rb"|image/svg\+xml"
)
_VARIES = (b"vary", b"Accept-Encoding")
_WITHOUT_BODY = frozenset((204, 304))
# what speaks of the very bytes, or was coded by somebody else
_SETTLED = frozenset((b"content-encoding", b"content-range", b"content-digest", b"digest",
                      b"repr-digest", b"x-jws-signature"))  # fmt: skip
_KEPT_AS_IT_IS = frozenset((b"private", b"no-store", b"no-transform"))
_OF_PLAIN = frozenset((b"content-length", b"accept-ranges"))


class _Squeezer(Protocol):
    def feed(self, part: bytes) -> bytes: ...
    def flush(self) -> bytes: ...
    def end(self) -> bytes: ...


class _Gzip:
    def __init__(self, level: int) -> None:
        self._inner = zlib.compressobj(level, zlib.DEFLATED, 31)
        self.feed = self._inner.compress

    def flush(self) -> bytes:
        return self._inner.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._inner.flush()


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Compressor(quality=_BROTLI_QUALITY, lgwin=_BROTLI_WINDOW)

    def feed(self, part: bytes) -> bytes:
        squeezed: bytes = self._inner.process(part)
        return squeezed

    def flush(self) -> bytes:
        squeezed: bytes = self._inner.flush()
        return squeezed

    def end(self) -> bytes:
        squeezed: bytes = self._inner.finish()
        return squeezed


class Coder:
    """One answer; `held`: which versions its caller holds in a coding."""

    def __init__(self, wish: Wish, status: int, headers: Headers, held: Held = NOTHING) -> None:
        self._said = list(headers)
        told = _together(headers)
        self._is_public = _may_be_squeezed(told) and b"set-cookie" not in told
        self._coding, level = self._choice(wish, status, told)
        self._status, self._held = status, held
        self._squeezer: _Squeezer | None = None
        if self._coding is not None:
            self._squeezer = _Brotli() if self._coding == BROTLI else _Gzip(level)
        self._flushes = b"content-length" not in told  # somebody waits for each part of it

    def _choice(
        self, wish: Wish, status: int, told: dict[bytes, bytes]
    ) -> tuple[bytes | None, int]:
        if status in _WITHOUT_BODY or status < 200 or not _SETTLED.isdisjoint(told):
            return None, 0
        if status == 200 and self._is_public and _pays(told):
            return wish.coding, _GZIP_LEVEL
        return wish.envelope, _AS_IT_IS

    @property
    def is_idle(self) -> bool:
        """Whether the body passes as it is."""
        return self._squeezer is None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the answer."""
        said = self._said
        if self._coding is not None:
            kept = [pair for pair in retold(said, self._coding) if pair[0] not in _OF_PLAIN]
            return [*kept, (b"content-encoding", self._coding), _VARIES]
        if self._status == 304:
            said = [(n, self._as_held(value) if n == b"etag" else value) for n, value in said]
        return [*said, _VARIES] if self._is_public else said

    def _as_held(self, tag: bytes) -> bytes:
        return coded(tag, self._held[tag]) if tag in self._held else tag

    def feed(self, part: bytes) -> bytes:
        """What of the body may be sent by now."""
        if self._squeezer is None or not part:
            return part
        squeezed = self._squeezer.feed(part)
        return squeezed + self._squeezer.flush() if self._flushes else squeezed

    def end(self) -> bytes:
        """What remains to be sent when the body is over."""
        return self._squeezer.end() if self._squeezer is not None else b""


def _together(headers: Headers) -> dict[bytes, bytes]:
    told: dict[bytes, bytes] = {}
    for name, value in headers:
        told[name] = told[name] + b"," + value if name in told else value
    return told


def _may_be_squeezed(told: dict[bytes, bytes]) -> bool:
    says = {word.strip() for word in told.get(b"cache-control", b"").lower().split(b",")}
    return b"public" in says and says.isdisjoint(_KEPT_AS_IT_IS)


def _pays(told: dict[bytes, bytes]) -> bool:
    kind = told.get(b"content-type", b"").partition(b";")[0].strip().lower()
    length = told.get(b"content-length", b"")
    is_large = not length.isdigit() or int(length) >= _LEAST
    return is_large and _PAYS.fullmatch(kind) is not None
