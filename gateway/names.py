"""Opaque names of organisations, persons and clients: `org-…`, `user-…`, `client-…`."""

import secrets
from typing import Literal


def new_name(kind: Literal["org", "user", "client"]) -> str:
    """A name that nobody has: eighty random bits."""
    return f"{kind}-{secrets.token_hex(10)}"
