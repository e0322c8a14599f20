"""Identifiers: UUIDv7 for things, short checked codes for people."""

import secrets
from uuid import UUID

from stdnum.iso7064 import mod_37_2
from uuid_utils.compat import uuid7

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that a tired reader confuses


def new_id() -> UUID:
    """A time-ordered UUIDv7, made by the application so that the database needs no extension."""
    return UUID(int=uuid7().int)


def new_code(prefix: str) -> str:
    """A verification code such as `R7KQ2M9XD4TBW`: prefix, 60 random bits, one check character."""
    body = prefix + "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"{body}{_check_character(body)}"


def is_code(code: str, prefix: str) -> bool:
    """Whether `code` has the shape of ours and its check character agrees."""
    shaped = code.startswith(prefix) and len(code) == len(prefix) + 13 and code.isalnum()
    return shaped and code.isascii() and _check_character(code[:-1]) == code[-1]


def _check_character(body: str) -> str:
    # ISO 7064 mod 37,2 may answer `*`, which is awkward in an address; 0 is free, so it stands in.
    return str(mod_37_2.calc_check_digit(body)).replace("*", "0")
