"""Personal fields at rest: AES-256-GCM per field, and a keyed hash to find equals without reading.

A sealed value is `v1.<key id>.<base64url nonce+ciphertext>`; its context (table, row, field) is
authenticated, so that a value copied to another row does not open there. Who must be forgotten one
by one gets a key of their own (`chassis.data_keys`), which the vault wraps.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.data_keys import DataKey
from chassis.keys import write_private

_NONCE = 12
_LOOK_S = 1.0
SEALED = b"v1."  # how every value begins that the vault itself sealed

log = structlog.get_logger()


def ensure_vault(path: Path) -> None:
    """Create the vault file if it is missing; an existing one is never touched."""
    if path.exists():
        return
    kid = secrets.token_hex(3)
    keys = {kid: secrets.token_hex(32)}
    content = {"current": kid, "keys": keys, "index_key": secrets.token_hex(32)}
    write_private(path, json.dumps(content, indent=1))


class Vault:
    """Seals, opens, wraps and blindly indexes. The file is read again when it changes, so that its
    keys are rotated while the process lives."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._looked_at = float("-inf")
        self._look()

    def seal(self, value: str, context: str) -> str:
        """Encrypt `value` for the place named by `context`."""
        kid, key = self._writing()
        nonce = os.urandom(_NONCE)
        cipher = key.encrypt(nonce, value.encode(), context.encode())
        return f"v1.{kid}.{base64.urlsafe_b64encode(nonce + cipher).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """Decrypt; raises `cryptography.exceptions.InvalidTag` for another place or a forgery."""
        _, kid, content = sealed.split(".", 2)
        raw = base64.urlsafe_b64decode(content)
        return self._key(kid).decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()

    def new_key(self) -> DataKey:
        """A fresh key for one person."""
        return DataKey.made()

    def wrap(self, key: DataKey) -> tuple[str, bytes]:
        """The id of the key of ours that wraps it, and the wrapped key: 60 bytes."""
        kid, ours = self._writing()
        nonce = os.urandom(_NONCE)
        return kid, nonce + ours.encrypt(nonce, key.secret, key.id.bytes)

    def unwrap(self, id: Any, kid: str, wrapped: bytes) -> DataKey:
        """The key again; `InvalidTag` if it was wrapped under another name."""
        secret = self._key(kid).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], id.bytes)
        return DataKey(id, secret)

    def blind(self, value: str) -> str:
        """Equal values have equal blinds; a blind cannot be searched back without the key."""
        self._look()
        return _blind(self._index_current, self._index[self._index_current], value)

    def blinds(self, value: str) -> tuple[str, ...]:
        """The blinds under which it may be kept, the current one first: two while the key of the
        index changes."""
        now = self.blind(value)
        others = [_blind(kid, key, value) for kid, key in self._index.items()]
        return (now, *(other for other in others if other != now))

    @property
    def index_kid(self) -> str:
        """Which key makes blinds now: they begin with it; the first one has no name."""
        self._look()
        return self._index_current

    @property
    def current(self) -> str:
        """Which key wraps and seals now."""
        return self._writing()[0]

    def _writing(self) -> tuple[str, AESGCM]:
        self._look()
        return self._current, self._keys[self._current]

    def _key(self, kid: str) -> AESGCM:
        if kid not in self._keys:  # another process may have begun to use a newer one
            self._looked_at = float("-inf")
            self._look()
        return self._keys[kid]

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < _LOOK_S:
            return
        try:
            found = self._path.stat()
            mark = (found.st_mtime_ns, found.st_ino)
            if mark != self._seen:
                self._load()
                self._seen = mark
        except (OSError, ValueError, LookupError) as error:
            if self._seen is None:
                raise
            log.error("vault_unreadable", error=type(error).__name__)  # what was read stays good
        self._looked_at = time.monotonic()

    def _load(self) -> None:
        content = json.loads(self._path.read_text(encoding="utf-8"))
        self._keys = {kid: AESGCM(bytes.fromhex(key)) for kid, key in content["keys"].items()}
        self._current: str = content["current"]
        index = content.get("index_keys") or {"": content["index_key"]}  # the first has no name
        self._index = {kid: bytes.fromhex(key) for kid, key in index.items()}
        self._index_current: str = content.get("index_current", "")


def _blind(kid: str, key: bytes, value: str) -> str:
    found = hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
    return f"{kid}.{found}" if kid else found
