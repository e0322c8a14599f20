"""Personal fields at rest: AES-256-GCM per field, and a keyed hash to find equals without reading.

A sealed value is `v1.<key id>.<base64url nonce+ciphertext>`; its context (table, row, field) is
authenticated, so that a value copied to another row does not open there.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.keys import write_private

_NONCE = 12
SEALED = b"v1."  # how every sealed value begins


def ensure_vault(path: Path) -> None:
    """Create the vault file if it is missing; an existing one is never touched."""
    if path.exists():
        return
    kid = secrets.token_hex(3)
    keys = {kid: secrets.token_hex(32)}
    content = {"current": kid, "keys": keys, "index_key": secrets.token_hex(32)}
    write_private(path, json.dumps(content, indent=1))


class Vault:
    """Seals, opens and blindly indexes single values."""

    def __init__(self, path: Path) -> None:
        content = json.loads(path.read_text(encoding="utf-8"))
        self._current: str = content["current"]
        self._keys = {kid: AESGCM(bytes.fromhex(key)) for kid, key in content["keys"].items()}
        self._index_key = bytes.fromhex(content["index_key"])

    def seal(self, value: str, context: str) -> str:
        """Encrypt `value` for the place named by `context`."""
        nonce = os.urandom(_NONCE)
        cipher = self._keys[self._current].encrypt(nonce, value.encode(), context.encode())
        return f"v1.{self._current}.{base64.urlsafe_b64encode(nonce + cipher).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """Decrypt; raises `cryptography.exceptions.InvalidTag` for another place or a forgery."""
        _, kid, content = sealed.split(".", 2)
        raw = base64.urlsafe_b64decode(content)
        return self._keys[kid].decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()

    def blind(self, value: str) -> str:
        """Equal values have equal blinds; a blind cannot be searched back without the key."""
        return hmac.new(self._index_key, value.encode(), hashlib.sha256).hexdigest()
