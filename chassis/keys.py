"""Signing keys of a process: a private JWKS in a file of mode 0600, ES256 only."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

_PRIVATE = {"d", "status"}


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
    """Create the key file if it is missing; an existing one is never touched."""
    if path.exists():
        return
    kid = f"{prefix}-{datetime.now(UTC):%Y%m}-{secrets.token_hex(3)}"
    key = {**new_private_jwk(kid), "status": "current"}
    write_private(path, json.dumps({"keys": [key]}, indent=1))


def write_private(path: Path, content: str) -> None:
    """Write a secret in one step, readable by its owner alone from the first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    draft.replace(path)


class KeyFile:
    """The keys of this process: one `current` signs; all are published while they stand here."""

    def __init__(self, path: Path) -> None:
        self.private: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["keys"]

    @property
    def current(self) -> dict[str, Any]:
        """The private JWK that signs."""
        return next(key for key in self.private if key.get("status") == "current")

    def public(self) -> list[dict[str, Any]]:
        """Every public JWK."""
        return [public_jwk(key) for key in self.private]


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
