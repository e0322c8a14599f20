"""Access tokens: `at+jwt` (RFC 9068), ES256, five minutes; and the key that signs them."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc.jwk import ECKey, KeySet

from chassis.keys import KeyFile
from gateway.accounts.persons import Person
from gateway.issuer.answered import Answered
from gateway.issuer.clients import Registered
from gateway.issuer.families import Held

ACCESS_TYP = "at+jwt"


@dataclass(frozen=True)
class Holder:
    """A person, and the authorization under which an application speaks for them."""

    person: Person
    held: Held

    def get_user_id(self) -> str:
        """The subject of their tokens."""
        return self.person.id


class Mint:
    """What every token of the issuer is made with; the key changes while the process lives.

    Persons with one of `strong_roles` are given none without a second factor.
    """

    def __init__(
        self, issuer: str, keys: KeyFile, lifetime_s: int, strong_roles: Collection[str] = ()
    ) -> None:
        self.issuer = issuer
        self.lifetime_s = lifetime_s
        self.strong_roles = strong_roles
        self.answered = Answered()
        self._keys = keys
        self._kid = ""
        self._made = KeySet([])

    def key(self) -> KeySet:
        """The one key that signs; a set, so that its `kid` enters the header."""
        current = self._keys.current
        if current["kid"] != self._kid:
            parameters = {name: value for name, value in current.items() if name != "status"}
            self._made, self._kid = KeySet([ECKey.import_key(parameters)]), current["kid"]
        return self._made


class AccessTokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib has no types
    """The tokens of one request; the audience is the platform itself.

    `iat` is the moment at which the request arrived: before anything was read from the database,
    so that a cut-off that commits meanwhile reaches what was made from the older reading.
    """

    def __init__(self, mint: Mint, arrived_at: float) -> None:
        super().__init__(
            issuer=mint.issuer,
            alg="ES256",
            refresh_token_generator=_refresh_token,
            expires_generator=mint.lifetime_s,
        )
        self._mint = mint
        self._issued_at_ms = int(arrived_at * 1000)

    def get_jwks(self) -> KeySet:
        """What signs."""
        return self._mint.key()

    def get_audiences(self, _client: Registered, _user: Any, _scope: str) -> str:
        """The platform."""
        return self._mint.issuer

    def get_auth_time(self, user: Holder | None) -> int | None:
        """When the person signed in."""
        return int(user.held.signed_in_at.timestamp()) if user else None

    def get_amr(self, user: Holder | None) -> list[str] | None:
        """How they did (RFC 8176)."""
        return list(user.held.methods) if user else None

    def get_extra_claims(
        self, client: Registered, _grant_type: str, user: Holder | None, _scope: str
    ) -> dict[str, Any]:
        """Who holds it for us, machine or person; `lender_id` only for lenders."""
        said = _of_person(user) if user else _of_machine(client)
        lender_id = said.pop("lender_id")
        return {
            **said,
            **({"lender_id": lender_id} if lender_id else {}),
            "tier": client.row.tier,
            "iat": self._issued_at_ms // 1000,
            # whole seconds would be too coarse for cut-offs: what is issued just after one lives
            "iat_ms": self._issued_at_ms,
            "exp": self._issued_at_ms // 1000 + self._mint.lifetime_s,
        }


def _of_machine(client: Registered) -> dict[str, Any]:
    return {
        "sub": client.row.sub,
        "org": client.row.organisation_id,
        "roles": client.row.roles,
        "territory": client.row.territory,
        "lender_id": client.organisation.lender_id,
    }


def _of_person(holder: Holder) -> dict[str, Any]:
    person = holder.person
    return {
        "sub": person.id,
        "org": person.organisation_id,
        "roles": list(person.roles),
        "territory": list(person.territory),
        "lender_id": person.lender_id,
        "sid": holder.held.family_id,
    }


def _refresh_token(**_: Any) -> str:
    return secrets.token_urlsafe(32)
