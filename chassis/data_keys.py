"""A key of one person's own: what it sealed is gone, everywhere, once its wrapped form is deleted.

A value sealed under it is `v2.<id of the key>.<base64url nonce+ciphertext>`.
"""

import base64
import os
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.ids import new_id

_NONCE = 12
_BEGINS = "v2."


@dataclass(frozen=True)
class DataKey:
    """Seals and opens the values of one person."""

    id: UUID
    secret: bytes = field(repr=False)

    @classmethod
    def made(cls) -> "DataKey":
        """A fresh one."""
        return cls(new_id(), os.urandom(32))

    def seal(self, value: str, context: str) -> str:
        """Encrypt `value` for the place named by `context`."""
        nonce = os.urandom(_NONCE)
        cipher = self._cipher.encrypt(nonce, value.encode(), context.encode())
        return f"{_BEGINS}{self.id.hex}.{base64.urlsafe_b64encode(nonce + cipher).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """Decrypt; raises `cryptography.exceptions.InvalidTag` for another place or a forgery."""
        raw = base64.urlsafe_b64decode(sealed.rsplit(".", 1)[1])
        return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()

    @cached_property
    def _cipher(self) -> AESGCM:
        # a person has several fields, and making this takes longer than sealing one
        return AESGCM(self.secret)


def key_of(sealed: str) -> UUID | None:
    """Whose key sealed the value; None when the vault itself did, or when it is not sealed."""
    if not sealed.startswith(_BEGINS):
        return None
    return UUID(hex=sealed.split(".", 2)[1])
