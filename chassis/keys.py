"""Signing keys of a process: a private JWKS in a file of mode 0600, ES256 only."""

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric import ec

_PRIVATE = {"d", "status", "published_at", "retired_at"}
_LOOK_S = 1.0

log = structlog.get_logger()


def new_private_jwk(kid: str) -> dict[str, str]:
    """A fresh P-256 key as a private JWK."""
    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    point = numbers.public_numbers
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": _b64(point.x),
        "y": _b64(point.y),
        "d": _b64(numbers.private_value),
        "kid": kid,
        "use": "sig",
        "alg": "ES256",
    }


def public_jwk(private: dict[str, Any]) -> dict[str, Any]:
    """The part of a JWK that may be shown."""
    return {name: value for name, value in private.items() if name not in _PRIVATE}


def _b64(number: int) -> str:
    return _unpadded(number.to_bytes(32, "big"))


def ensure_keys(path: Path, prefix: str) -> None:
    """Create the key file if it is missing; an existing one is never touched.

    The key that comes next is published from the start: should the first one fall into wrong hands,
    everybody knows its successor already.
    """
    if path.exists():
        return
    keys = [{**new_private_jwk(new_kid(prefix)), "status": "current"}, next_key(prefix)]
    write_private(path, json.dumps({"keys": keys, "secret": secrets.token_hex(32)}, indent=1))


def next_key(prefix: str) -> dict[str, Any]:
    """A private JWK that is published from now on and signs later."""
    return {**new_private_jwk(new_kid(prefix)), "status": "next", "published_at": stamp()}


def stamp() -> str:
    """This moment, as key files say it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_kid(prefix: str) -> str:
    """A name for a fresh key: whose it is, since which month."""
    return f"{prefix}-{datetime.now(UTC):%Y%m}-{secrets.token_hex(3)}"


def write_private(path: Path, content: str) -> None:
    """Write a secret in one step, readable by its owner alone from the first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    draft.replace(path)


class KeyFile:
    """The keys of this process: one `current` signs, `next` will, `previous` ones did.

    All are published; a previous one for `keep` after it retired (None: for ever). The file is read
    again when it changes, so that keys are rotated while the process lives.
    """

    def __init__(self, path: Path, keep: timedelta | None = None) -> None:
        self.version = 0
        self._path = path
        self._keep = keep
        self._seen: tuple[int, int] | None = None
        self._looked_at = float("-inf")
        self._content: dict[str, Any] = {}
        self._load(self._mark())

    @property
    def private(self) -> list[dict[str, Any]]:
        """Every private JWK, with its `status`."""
        self._look()
        keys: list[dict[str, Any]] = self._content["keys"]
        return keys

    @property
    def current(self) -> dict[str, Any]:
        """The private JWK that signs."""
        return next(key for key in self.private if key.get("status") == "current")

    @property
    def secret(self) -> str:
        """What tickets and cursors are sealed with; it stays when the signing key changes."""
        self._look()
        return str(self._content.get("secret") or self.current["d"])

    def public(self) -> list[dict[str, Any]]:
        """Every public JWK."""
        return [public_jwk(key) for key in self.private if not self.is_over(key)]

    def is_over(self, key: Mapping[str, Any]) -> bool:
        """Whether nothing that is still good can have been signed by this key."""
        retired_at = key.get("retired_at")
        if key.get("status") != "previous" or self._keep is None or retired_at is None:
            return False
        return datetime.fromisoformat(retired_at) + self._keep < datetime.now(UTC)

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < _LOOK_S:
            return
        try:
            mark = self._mark()
            if mark != self._seen:
                self._load(mark)
        except (OSError, ValueError, LookupError) as error:
            log.error("keys_unreadable", error=type(error).__name__)  # what was read stays good
        self._looked_at = time.monotonic()

    def _mark(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_ino

    def _load(self, mark: tuple[int, int]) -> None:
        content = json.loads(self._path.read_text(encoding="utf-8"))
        if not any(key.get("status") == "current" for key in content["keys"]):
            raise ValueError("no current key")
        self._content, self._seen = content, mark
        self.version += 1


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The name that a P-256 key has by itself (RFC 7638): SHA-256, base64url."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return _unpadded(hashlib.sha256(text.encode()).digest())


def is_canonical(coordinate: str) -> bool:
    """Whether a coordinate is spelt in the one way that names its key: 32 bytes, base64url."""
    try:
        raw = base64.urlsafe_b64decode(coordinate + "=" * (-len(coordinate) % 4))
    except ValueError:
        return False
    return len(raw) == 32 and _unpadded(raw) == coordinate


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
