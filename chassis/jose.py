"""Signatures: the only file that imports python-jose, and the rules that make it safe.

One algorithm, ES256, constant here and never read from a header; keys by `kid` from our own key
sets; every claim required, dates as whole numbers and not a day ahead; `crit` refused; tokens above
8 kB refused unless whoever verifies expects longer ones. Left to itself python-jose 3.5.0 accepts
a token without `aud` or `exp`, an unknown `crit`, any `typ`, an `iat` in the future, and a
signature with foreign characters in it.
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
_LONGEST_LIFE_S = 86_400  # nothing that we verify lives longer than a working day
_REQUIRED = ("exp", "iat", "iss", "aud", "sub", "jti")
_OPTIONS = {f"require_{name}": True for name in _REQUIRED} | {"leeway": _LEEWAY_S}
_UNREADABLE = (JOSEError, ValueError, TypeError, LookupError, AttributeError, RecursionError)


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
        self._kid = str(private["kid"])
        self._key = jwk.construct(dict(private), _ALGORITHM)

    @property
    def kid(self) -> str:
        """The name under which the public half is found."""
        return self._kid

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
    try:
        return jwk.construct({k: v for k, v in public.items() if k != "d"}, _ALGORITHM)
    except _UNREADABLE as error:
        raise TokenRefused("key") from error


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
    longest: int = _MAX_TOKEN


async def verify(token: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """The claims of a token that holds in every respect; `TokenRefused` otherwise."""
    header = _header(token, expected.longest)
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
    except (*_UNREADABLE, OverflowError) as error:
        raise TokenRefused("claims") from error
    _check_dates(claims)
    if isinstance(claims["aud"], list):
        raise TokenRefused("aud")
    return claims


def _check_dates(claims: Mapping[str, Any]) -> None:
    # python-jose reads "1767225600" and 1767225600.9 as dates, and any year as near enough
    for name in ("exp", "iat", "nbf"):
        if name in claims and type(claims[name]) is not int:
            raise TokenRefused(name)
    if claims["iat"] > time.time() + 60:
        raise TokenRefused("iat")
    if claims["exp"] > time.time() + _LONGEST_LIFE_S:
        raise TokenRefused("exp")


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
    except _UNREADABLE as error:
        raise TokenRefused("signature") from error
    return header


def holds(signature: str, body: bytes, public: Mapping[str, Any]) -> bool:
    """Whether a detached JWS over `body` was made with this key, whenever that was: for what is
    kept, after the key itself has ended. Nothing else that it claims is looked at."""
    protected, _, mac = signature.partition("..")
    try:
        jws.verify(f"{protected}.{_b64(body)}.{mac}", construct(public), [_ALGORITHM])
    except (TokenRefused, *_UNREADABLE):
        return False
    return True


def signed_claims(token: str, public: Mapping[str, Any], typ: str) -> dict[str, Any]:
    """What a compact JWS of this `typ` says, whenever it was signed and by a key that may have
    retired since: for statements that are kept for ever. `TokenRefused` if this key did not."""
    header = _header(token)
    if header.get("typ") != typ:
        raise TokenRefused("typ")
    try:
        said = json.loads(jws.verify(token, construct(public), [_ALGORITHM]))
    except _UNREADABLE as error:
        raise TokenRefused("signature") from error
    if not isinstance(said, dict):
        raise TokenRefused("claims")
    return said


def _check_claims(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    if type(header["iat"]) is not int or abs(header["iat"] - time.time()) > 300:
        raise TokenRefused("iat")
    for name, value in claims.items():
        if header[name] != value:
            raise TokenRefused(name)


def _header(token: str, longest: int = _MAX_TOKEN) -> dict[str, Any]:
    if len(token) > longest or token.count(".") != 2:
        raise TokenRefused("malformed")
    try:
        header = jws.get_unverified_header(token)
        is_canonical = all(_b64(_unb64(part)) == part for part in token.split("."))
    except _UNREADABLE as error:
        raise TokenRefused("malformed") from error
    if not is_canonical:  # else one signature could be spelt in many ways
        raise TokenRefused("malformed")
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


def _unb64(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
