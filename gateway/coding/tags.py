"""A strong validator for each coding of one version (RFC 9110 §8.8.3).

The contract promises digits, and clients read the version from them: zeros in front tell the
codings apart and leave the number what it is (`"7"`, gzip `"07"`, br `"007"`). Other validators get
the coding's name behind. A request speaks of the version whichever coding it was read in.
"""

import re
from collections.abc import Iterable, Mapping

from gateway.coding.wishes import BROTLI, GZIP, Wish

_ZEROS = {GZIP: b"0", BROTLI: b"00"}
_DIGITS = re.compile(rb'"([0-9]+)"')
_TAG = re.compile(rb'(W/)?("[^"]*")')
_CODED = re.compile(rb'"(?:(0{1,2})([0-9]+)|([^"]*)-(gzip|br))"')
_ASKED = frozenset((b"if-none-match", b"if-match"))
_CODINGS = {zeros: coding for coding, zeros in _ZEROS.items()}
Pairs = list[tuple[bytes, bytes]]
Held = Mapping[bytes, bytes]  # versions that a caller holds in a coding
NOTHING: Held = {}


def coded(tag: bytes, coding: bytes) -> bytes:
    """The validator of what has `tag`, in a coding; a weak one is the same for all of them."""
    if digits := _DIGITS.fullmatch(tag):
        return b'"%b%b"' % (_ZEROS[coding], digits[1])
    return tag if tag.startswith(b"W/") else b'%b-%b"' % (tag[:-1], coding)


def bare(headers: Pairs, wish: Wish) -> tuple[Pairs, Held]:
    """A request that names versions alone, and what its caller holds in a coding.

    Who cannot read a coding holds nothing in it; what is to be changed was read in any.
    """
    if _ASKED.isdisjoint(name for name, _ in headers):
        return headers, NOTHING
    held: dict[bytes, bytes] = {}

    def version(found: re.Match[bytes]) -> bytes:
        tag, coding = _version(found[2])
        if coding is not None:
            held[tag] = coding
        return (found[1] or b"") + tag

    def readable(found: re.Match[bytes]) -> bytes:
        _, coding = _version(found[2])
        return version(found) if coding is None or wish.reads(coding) else found[0]

    changed = {b"if-none-match": readable, b"if-match": version}
    told = [(n, _TAG.sub(changed[n], value) if n in changed else value) for n, value in headers]
    return told, held


def _version(tag: bytes) -> tuple[bytes, bytes | None]:
    found = _CODED.fullmatch(tag)
    if found is None:
        return tag, None
    if found[1]:
        return b'"%b"' % found[2], _CODINGS[found[1]]
    return b'"%b"' % found[3], found[4]


def retold(headers: Iterable[tuple[bytes, bytes]], coding: bytes) -> Pairs:
    """The headers of an answer with its validator in a coding."""
    return [(name, coded(value, coding) if name == b"etag" else value) for name, value in headers]
