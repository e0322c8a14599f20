"""Who calls. The gateway says so in a 60-second token made for this one service; we check it."""

import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from chassis.errors import InsufficientScope, Unauthenticated
from chassis.jose import Expected, KeySet, TokenRefused, verify
from chassis.parameters import known_parameters

GATEWAY_ISSUER = "mboolo-gateway"
INTERNAL_TYP = "int+jwt"
MAX_GRANTS = 50
_LONGEST_TOKEN = 24_576  # with as many grants as there may be, each of every scope
_CACHE_SIZE = 10_000
# A signature that held is trusted for so long: the key that made it may be dropped meanwhile.
VERIFIED_FOR_S = 60


@dataclass(frozen=True)
class Grant:
    """Scopes that an organisation lent to a client, on one subject of its own (a UUID)."""

    organisation_id: str
    subject_id: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Caller:
    """The person or machine behind a request, and what it may do."""

    sub: str
    client_id: str
    organisation_id: str
    scopes: frozenset[str]
    roles: frozenset[str]
    territories: frozenset[str]
    lender_id: str | None = None
    grants: tuple[Grant, ...] = ()

    def has(self, *scopes: str) -> bool:
        """Whether any of `scopes` was granted."""
        return not self.scopes.isdisjoint(scopes)

    def covers(self, path: Collection[str]) -> bool:
        """Whether a place, given with all its ancestors, lies in the caller's territory."""
        return not self.territories.isdisjoint(path)

    def acts_in(self, path: Collection[str]) -> bool:
        """Whether the caller may begin something at a place: who has a territory stays in it."""
        return not self.territories or self.covers(path)

    def lent(self, *scopes: str) -> frozenset[tuple[str, UUID]]:
        """(organisation, subject) of everything that was lent with any of `scopes`, as far as the
        caller's own token holds that scope too."""
        held = self.scopes.intersection(scopes)
        return frozenset(
            (grant.organisation_id, UUID(grant.subject_id))
            for grant in self.grants
            if not held.isdisjoint(grant.scopes)
        )

    def owns(self, organisation_id: str, subject_id: UUID, *scopes: str) -> bool:
        """Whether a subject is the caller's organisation's own, or lent with any of `scopes`."""
        if organisation_id == self.organisation_id:
            return True
        return (organisation_id, subject_id) in self.lent(*scopes)

    @property
    def principal(self) -> str:
        """What an idempotency key belongs to: this client acting for this subject."""
        return f"{self.client_id}|{self.sub}"


def from_claims(claims: dict[str, Any]) -> Caller:
    """A caller from the claims of an internal token; `KeyError` or `TypeError` for a wrong one."""
    if not (isinstance(claims["client_id"], str) and isinstance(claims["org"], str)):
        raise TypeError("client_id and org are texts")
    return Caller(
        sub=claims["sub"],
        client_id=claims["client_id"],
        organisation_id=claims["org"],
        scopes=frozenset(str(claims["scope"]).split()),
        roles=frozenset(claims["roles"]),
        territories=frozenset(claims["territory"]),
        lender_id=claims.get("lender_id"),
        grants=_grants(claims),
    )


def _grants(claims: dict[str, Any]) -> tuple[Grant, ...]:
    # only machines are lent anything: `sid` marks what a person signed in for
    said = claims.get("grants", [])
    if not isinstance(said, list) or len(said) > MAX_GRANTS or (said and "sid" in claims):
        raise TypeError("grants are a short list, and never a person's")
    return tuple(_grant(**one) for one in said)


def _grant(*, org: Any, subject: Any, scopes: Any) -> Grant:
    if not (isinstance(scopes, list) and scopes):
        raise TypeError("a grant lists its scopes")
    if not all(isinstance(text, str) and text for text in (org, subject, *scopes)):
        raise TypeError("a grant is made of texts")
    if not _is_uuid(subject):
        raise TypeError("a subject is named by its UUID")
    return Grant(org, subject, frozenset(scopes))


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


class Verifier:
    """Checks internal tokens for one audience; remembers those that held until they expire."""

    def __init__(self, keys: KeySet, audience: str) -> None:
        self._keys = keys
        self._expected = Expected(
            typ=INTERNAL_TYP, issuer=GATEWAY_ISSUER, audience=audience, longest=_LONGEST_TOKEN
        )
        self._known: dict[str, tuple[float, Caller]] = {}

    def remembered(self, token: str) -> Caller | None:
        """The caller named by a token that held a moment ago and has not expired."""
        known = self._known.get(token)
        return known[1] if known is not None and known[0] > time.time() else None

    async def caller(self, token: str) -> Caller:
        """The caller named by `token`, or `Unauthenticated`."""
        known = self.remembered(token)
        if known is not None:
            return known
        try:
            claims = await verify(token, self._keys, self._expected)
            caller = from_claims(claims)
        except (TokenRefused, KeyError, TypeError) as error:
            raise Unauthenticated(reason="invalid") from error
        if len(self._known) >= _CACHE_SIZE:
            self._known.clear()
        self._known[token] = (min(float(claims["exp"]), time.time() + VERIFIED_FOR_S), caller)
        return caller


async def visitor(request: Request) -> Caller | None:
    """The caller, or None for a request without a token; a token that does not hold is 401."""
    sent = _shown(request)
    caller = await _identified(request, sent) if sent else None
    known_parameters(request)
    return caller


def requires(*scopes: str) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: a caller who holds at least one of `scopes`; any caller if none is named."""

    async def demand(request: Request) -> Caller:
        caller = await _identified(request, _shown(request))
        if scopes and not caller.has(*scopes):
            raise InsufficientScope(required_scopes=" ".join(scopes))
        known_parameters(request)
        return caller

    demand.scopes = scopes  # type: ignore[attr-defined]  # for the OpenAPI document and the matrix
    return demand


def _shown(request: Request) -> list[str]:
    headers = request.scope["headers"]
    return [value.decode("latin-1") for name, value in headers if name == b"authorization"]


async def _identified(request: Request, sent: list[str]) -> Caller:
    scheme, _, token = sent[0].partition(" ") if sent else ("", "", "")
    # of two, another layer may have read the other one
    if len(sent) > 1 or scheme.lower() != "bearer" or not token:
        raise Unauthenticated(reason="missing" if not scheme else "invalid")
    caller: Caller = await request.app.state.verifier.caller(token)
    request.state.caller = caller
    return caller


Visitor = Annotated[Caller | None, Depends(visitor)]
