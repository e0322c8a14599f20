"""One spelling of a JSON value (RFC 8785), so that a hash means the same to everybody."""

import hashlib
import json
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of `value`; raises `ValueError` for what the format cannot hold."""
    return rfc8785.dumps(value)


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
