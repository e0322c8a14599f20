"""One spelling of a JSON value (RFC 8785), so that a hash means the same to everybody."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import orjson
import rfc8785

_SIMPLE = frozenset({str, int, bool, type(None)})
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of `value`; raises `ValueError` for what the format cannot hold."""
    if _is_simple(value):
        try:
            return orjson.dumps(value, option=_SORTED)
        except orjson.JSONEncodeError:  # whole numbers beyond 2**53, half a surrogate pair
            pass
    return rfc8785.dumps(value)


def compact(value: Any) -> bytes:
    """A JSON value as bytes, in whatever spelling: where nothing is hashed."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:  # whole numbers beyond 64 bits, half a surrogate pair
        return json.dumps(value).encode()


def usual(value: Any) -> bytes:
    """The canonical bytes of most values, at once; nothing is proved of others. What hashes to the
    hash of canonical bytes is those bytes, so whoever compares may try this first."""
    try:
        return orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        return b""


def _is_simple(value: Any) -> bool:
    """Whether orjson, thirty times as fast, writes the same bytes: it spells some numbers with a
    fraction otherwise, and sorts names by code point instead of UTF-16 (the same in ASCII)."""
    kind = type(value)
    if kind is dict:
        return _is_ascii(value) and _are_simple(value.values())
    return kind in _SIMPLE or (kind is list and _are_simple(value))


def _are_simple(values: Iterable[Any]) -> bool:
    # a loop, and the usual kinds first: this is most of what checking a chain costs
    for value in values:  # noqa: SIM110
        if type(value) not in _SIMPLE and not _is_simple(value):
            return False
    return True


def _is_ascii(names: Iterable[Any]) -> bool:
    try:
        return "".join(names).isascii()
    except TypeError:  # a name that is no text
        return False


def sha256(content: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(content).hexdigest()


def fingerprint(body: bytes) -> str:
    """Equal for bodies that say the same: key order and spacing do not count.

    What is not canonical JSON (huge integers, other media) is compared byte by byte.
    """
    try:
        return sha256(canonical(json.loads(body)))
    except (ValueError, RecursionError):
        return sha256(body)
