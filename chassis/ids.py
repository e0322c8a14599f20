"""Identifiers: UUIDv7 for things, short checked codes for people."""

import re
import secrets
from uuid import UUID

from stdnum.iso7064 import mod_37_2
from uuid_utils.compat import uuid7

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that a tired reader confuses
_CODE = re.compile(r"[0-9A-Z]+")


def new_id() -> UUID:
    """A time-ordered UUIDv7, made by the application so that the database needs no extension."""
    return UUID(int=uuid7().int)


def new_code(prefix: str) -> str:
    """A verification code such as `R7KQ2M9XD4TBWV`: prefix, 58 random bits, a check character."""
    while True:
        body = prefix + "".join(secrets.choice(_ALPHABET) for _ in range(12))
        check = str(mod_37_2.calc_check_digit(body))
        if check != "*":  # awkward in an address; no other character could stand in for it
            return f"{body}{check}"


def is_code(code: str, prefix: str) -> bool:
    """Whether `code` has the shape of ours and its check character (ISO 7064 mod 37,2) agrees."""
    shaped = code.startswith(prefix) and len(code) == len(prefix) + 13
    return shaped and _CODE.fullmatch(code) is not None and bool(mod_37_2.is_valid(code))
