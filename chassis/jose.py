"""Signatures: the only file that imports python-jose, and the rules that make it safe.

One algorithm, ES256, constant here and never read from a header; keys by `kid` from our own key
sets; every claim required; `crit` refused; tokens above 8 kB refused. Left to itself python-jose
3.5.0 accepts a token without `aud` or `exp`, an unknown `crit`, any `typ`, an `iat` in the future.
"""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from jose import jwk, jws, jwt
from jose.backends.base import Key
from jose.exceptions import JOSEError

_ALGORITHM = "ES256"
_MAX_TOKEN = 8192
_LEEWAY_S = 30
_REQUIRED = ("exp", "iat", "iss", "aud", "sub", "jti")
_OPTIONS = {f"require_{name}": True for name in _REQUIRED} | {"leeway": _LEEWAY_S}


class TokenRefused(Exception):
    """The token or signature does not hold; `claim` names the part, for the log and the caller."""

    def __init__(self, claim: str) -> None:
        super().__init__(claim)
        self.claim = claim


class KeySet(Protocol):
    """Public keys by `kid`."""

    async def find(self, kid: str) -> Key | None:
        """The key, or None when nobody published it."""


class Signer:
    """Signs with one private JWK, constructed once (a PEM each time costs 100 times more)."""

    def __init__(self, private: Mapping[str, Any]) -> None:
        self.kid = str(private["kid"])
        self._key = jwk.construct(dict(private), _ALGORITHM)

    def token(self, claims: Mapping[str, Any], typ: str | None) -> str:
        """A compact JWT; `typ` is left out when None (Open Badges 3.0 forbids any but `JWT`)."""
        header = {"alg": _ALGORITHM, **({"typ": typ} if typ else {}), "kid": self.kid}
        signed = f"{_json(header)}.{_json(claims)}"
        return f"{signed}.{_b64(self._key.sign(signed.encode()))}"

    def detached(self, body: bytes, claims: Mapping[str, Any]) -> str:
        """A detached JWS (RFC 7515 appendix F) over `body`; `claims` stand in its header."""
        header = {"alg": _ALGORITHM, "kid": self.kid, **claims}
        protected = _json(header)
        signature = self._key.sign(f"{protected}.{_b64(body)}".encode())
        return f"{protected}..{_b64(signature)}"


def construct(public: Mapping[str, Any]) -> Key:
    """A verifying key from a public JWK of ours; other curves and algorithms are refused."""
    if public.get("kty") != "EC" or public.get("crv") != "P-256":
        raise TokenRefused("kty")
    return jwk.construct({k: v for k, v in public.items() if k != "d"}, _ALGORITHM)


class LocalKeys:
    """A fixed set of public JWKs."""

    def __init__(self, keys: list[dict[str, Any]]) -> None:
        self._keys = {str(key["kid"]): construct(key) for key in keys}

    async def find(self, kid: str) -> Key | None:
        """The key, or None."""
        return self._keys.get(kid)


@dataclass(frozen=True)
class Expected:
    """What a token must say to be accepted."""

    typ: str
    issuer: str
    audience: str


async def verify(token: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """The claims of a token that holds in every respect; `TokenRefused` otherwise."""
    header = _header(token)
    if header.get("typ") != expected.typ:
        raise TokenRefused("typ")
    key = await _key(header, keys)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            options=_OPTIONS,
            audience=expected.audience,
            issuer=expected.issuer,
        )
    except (JOSEError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TokenRefused("claims") from error
    if claims["iat"] > time.time() + 60 or isinstance(claims["aud"], list):
        raise TokenRefused("iat")
    return claims


async def verify_detached(
    signature: str, body: bytes, keys: KeySet, claims: Mapping[str, Any]
) -> dict[str, Any]:
    """The protected header of a detached JWS over `body` whose `claims` all agree.

    `iat` must be within 300 s of now. Raises `TokenRefused` naming the first claim that fails.
    """
    parts = signature.split(".")
    if len(parts) != 3 or parts[1]:
        raise TokenRefused("malformed")
    header = _header(signature)
    for name in ("kid", "iat", *claims):
        if name not in header:
            raise TokenRefused(f"missing:{name}")
    _check_claims(header, claims)
    key = await _key(header, keys)
    try:
        jws.verify(f"{parts[0]}.{_b64(body)}.{parts[2]}", key, [_ALGORITHM])
    except (JOSEError, ValueError, TypeError) as error:
        raise TokenRefused("signature") from error
    return header


def _check_claims(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    if type(header["iat"]) is not int or abs(header["iat"] - time.time()) > 300:
        raise TokenRefused("iat")
    for name, value in claims.items():
        if header[name] != value:
            raise TokenRefused(name)


def _header(token: str) -> dict[str, Any]:
    if len(token) > _MAX_TOKEN or token.count(".") != 2:
        raise TokenRefused("malformed")
    try:
        header = jws.get_unverified_header(token)
    except (JOSEError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise TokenRefused("malformed") from error
    if not isinstance(header, dict) or "crit" in header or "b64" in header:
        raise TokenRefused("crit")
    if header.get("alg") != _ALGORITHM:
        raise TokenRefused("alg")
    return header


async def _key(header: Mapping[str, Any], keys: KeySet) -> Key:
    kid = header.get("kid")
    key = await keys.find(kid) if isinstance(kid, str) else None
    if key is None:
        raise TokenRefused("kid")
    return key


def _json(value: Mapping[str, Any]) -> str:
    return _b64(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
