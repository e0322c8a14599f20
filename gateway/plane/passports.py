"""Who calls, checked once per token; and what we tell each service about it.

An external token never goes further than here: a service receives an internal token of a minute,
made for it alone.
"""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP, Caller, from_claims
from chassis.errors import Unauthenticated
from chassis.jose import Expected, KeySet, Signer, TokenRefused, verify
from gateway.issuer.tokens import ACCESS_TYP

_INTERNAL_S = 60
_RENEW_S = 10
_MOST = 10_000


@dataclass
class Passport:
    """A verified external token, with the internal tokens already made from it."""

    caller: Caller
    expires_at: int
    letters: dict[str, tuple[int, str]] = field(default_factory=dict)  # service -> expiry, token


class Passports:
    """Verifies external tokens and mints internal ones; remembers both while they hold."""

    def __init__(self, keys: KeySet, signer: Signer, issuer: str) -> None:
        self._keys = keys
        self._signer = signer
        self._expected = Expected(typ=ACCESS_TYP, issuer=issuer, audience=issuer)
        self._known: dict[str, Passport] = {}

    async def caller(self, token: str) -> Caller:
        """The caller named by `token`, or `Unauthenticated`."""
        return (await self.passport(token)).caller

    async def letter(self, token: str, service: str) -> str:
        """An internal token for `service` that says who holds `token`."""
        passport = await self.passport(token)
        now = int(time.time())
        expires_at, letter = passport.letters.get(service, (0, ""))
        if expires_at - _RENEW_S <= now and expires_at < passport.expires_at:
            expires_at = min(now + _INTERNAL_S, passport.expires_at)
            letter = self._mint(passport.caller, service, now, expires_at)
            passport.letters[service] = (expires_at, letter)
        return letter

    async def passport(self, token: str) -> Passport:
        """What is known of `token`, or `Unauthenticated`."""
        known = self._known.get(token)
        if known is not None and known.expires_at > time.time():
            return known
        self._known.pop(token, None)
        found = await self._verify(token)
        if len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]  # the oldest
        self._known[token] = found
        return found

    async def _verify(self, token: str) -> Passport:
        try:
            claims = await verify(token, self._keys, self._expected)
            return Passport(from_claims(claims), int(claims["exp"]))
        except (TokenRefused, KeyError, TypeError) as error:
            raise Unauthenticated(reason="invalid") from error

    def _mint(self, caller: Caller, service: str, now: int, expires_at: int) -> str:
        claims: dict[str, Any] = {
            "iss": GATEWAY_ISSUER,
            "aud": service,
            "sub": caller.sub,
            "client_id": caller.client_id,
            "org": caller.organisation_id,
            "scope": " ".join(sorted(caller.scopes)),
            "roles": sorted(caller.roles),
            "territory": sorted(caller.territories),
            "lender_id": caller.lender_id,
            "jti": uuid4().hex,
            "iat": now,
            "exp": expires_at,
        }
        return self._signer.token(claims, INTERNAL_TYP)
