"""One spelling of a JSON value (RFC 8785), so that a hash means the same to everybody."""

import hashlib
import json
from typing import Any

import orjson
import rfc8785

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of `value`; raises `ValueError` for what the format cannot hold."""
    if _is_simple(value):
        try:
            return orjson.dumps(value, option=_SORTED)
        except orjson.JSONEncodeError:  # whole numbers beyond 2**53, half a surrogate pair
            pass
    return rfc8785.dumps(value)


def _is_simple(value: Any) -> bool:
    """Whether orjson, thirty times as fast, writes the same bytes: it spells some numbers with a
    fraction otherwise, and sorts names by code point instead of UTF-16 (the same in ASCII)."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return True
    if kind is dict:
        return all(map(_is_ascii, value)) and all(map(_is_simple, value.values()))
    return kind is list and all(map(_is_simple, value))


def _is_ascii(name: Any) -> bool:
    return type(name) is str and name.isascii()


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
