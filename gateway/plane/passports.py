"""Who calls, checked once per token; and what we tell each service about it.

An external token never goes further than here: a service receives an internal token of a minute,
made for it alone. What was ended since it was issued is refused at each request, from memory.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from uuid import uuid4

from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP, VERIFIED_FOR_S, Caller, from_claims
from chassis.errors import Unauthenticated
from chassis.jose import Expected, KeySet, Signer, TokenRefused, verify
from gateway.issuer.cutoffs import Cutoffs, issued_at, subjects_of
from gateway.issuer.tokens import ACCESS_TYP

GrantsOf = Callable[[str], Awaitable[list[dict[str, Any]]]]
_INTERNAL_S: Final = 60
_RENEW_S: Final = 10
_MOST = 10_000
_STANDARD = "STANDARD"
_FOREVER = 2**53


async def no_grants(_client_id: str) -> list[dict[str, Any]]:
    """Nobody lent anything to anybody."""
    return []


@dataclass(frozen=True)
class Letter:
    """An internal token; `made_at` comes before everything that it was made from."""

    token: str
    made_at: float
    expires_at: int

    @cached_property
    def written(self) -> bytes:
        """As it is written into a head."""
        return self.token.encode()


@dataclass
class Passport:
    """A verified external token, with the internal tokens already made from it.

    `sid` is the authorization that a person's token came of; a machine's has none.
    """

    caller: Caller
    expires_at: int
    issued_at: float
    subjects: list[str]  # all that could end it
    tier: str = _STANDARD
    sid: str | None = None
    letters: dict[str, Letter] = field(default_factory=dict)  # by service
    holder: Any = None  # as whom it is counted, once that was asked
    checked: int = -1  # the version of the cut-offs that it has passed
    verified_at: float = field(default_factory=time.monotonic)

    def is_stale(self) -> bool:
        """Whether it must be verified (again)."""
        return self.expires_at <= time.time() or self.is_old(time.monotonic())

    def is_old(self, now: float) -> bool:
        """Whether it was verified so long ago that its key may have been dropped since."""
        return self.verified_at <= now - VERIFIED_FOR_S


class Passports:
    """Verifies external tokens and mints internal ones; remembers both while they hold."""

    def __init__(self, keys: KeySet, signer: Signer, issuer: str, cutoffs: Cutoffs) -> None:
        self.grants_of: GrantsOf = no_grants
        self._keys = keys
        self._signer = signer
        self._expected = Expected(typ=ACCESS_TYP, issuer=issuer, audience=issuer)
        self._cutoffs = cutoffs
        self._known: dict[str, Passport] = {}

    async def caller(self, token: str) -> Caller:
        """The caller named by `token`, or `Unauthenticated`."""
        return (await self.passport(token)).caller

    async def letter(self, token: str, service: str) -> str:
        """An internal token for `service` that says who holds `token`."""
        passport = await self.passport(token)
        letter = passport.letters.get(service)
        if letter is None or letter.expires_at - _RENEW_S <= time.time():
            letter = await self._renewed(passport, service, letter)
        return letter.token

    def at_hand(self, token: str, service: str) -> tuple[Passport, bytes] | None:
        """Who holds `token` and a letter to `service`; None if anything must be looked up first."""
        passport, now = self._known.get(token), time.monotonic()
        if passport is None or passport.is_old(now) or not self._cutoffs.is_fresh_at(now):
            return None
        if passport.checked != self._cutoffs.version:
            return None
        letter = passport.letters.get(service)
        # no letter outlives its passport: to read the clock once is enough
        if letter is None or letter.expires_at - _RENEW_S <= time.time():
            return None
        return passport, letter.written

    async def passport(self, token: str) -> Passport:
        """What is known of `token`, or `Unauthenticated`."""
        await self._cutoffs.known()
        known = self._known.get(token)
        if known is None or known.is_stale():
            self._known.pop(token, None)
            known = await self._verify(token)
            self._remember(token, known)
        if known.checked != self._cutoffs.version:
            self._check(known)
        return known

    def _remember(self, token: str, passport: Passport) -> None:
        if len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]  # the oldest
        self._known[token] = passport

    def _check(self, passport: Passport) -> None:
        version = self._cutoffs.version
        if self._cutoffs.cover(passport.subjects, passport.issued_at):
            raise Unauthenticated(reason="invalid")
        lent = [f"letters:{passport.caller.client_id}"]
        passport.letters = {
            service: letter
            for service, letter in passport.letters.items()
            if not self._cutoffs.cover(lent, letter.made_at)
        }
        passport.checked = version

    async def _verify(self, token: str) -> Passport:
        try:
            return _passport(await verify(token, self._keys, self._expected))
        except (TokenRefused, KeyError, TypeError) as error:
            raise Unauthenticated(reason="invalid") from error

    async def _renewed(self, passport: Passport, service: str, old: Letter | None) -> Letter:
        if old is not None and old.expires_at >= passport.expires_at:
            return old  # it already lives as long as it may
        now, version = time.time(), self._cutoffs.version
        lent, until = await self._lent(passport)
        expires_at = min(int(now) + _INTERNAL_S, passport.expires_at, until)
        claims = (
            self._claims(passport)
            | lent
            | {
                "aud": service,
                "jti": uuid4().hex,
                "iat": int(now),
                "exp": expires_at,
            }
        )
        letter = Letter(self._signer.token(claims, INTERNAL_TYP), now, expires_at)
        passport.letters[service] = letter
        if version != self._cutoffs.version:
            passport.checked = -1  # something ended meanwhile: look again before it is used again
        return letter

    async def _lent(self, passport: Passport) -> tuple[dict[str, Any], int]:
        """What was lent to a machine, and the second until which all of it holds."""
        is_machine = passport.sid is None
        grants = await self.grants_of(passport.caller.client_id) if is_machine else []
        until = min((int(grant.get("until", _FOREVER)) for grant in grants), default=_FOREVER)
        said = [{k: v for k, v in grant.items() if k != "until"} for grant in grants]
        return ({"grants": said} if said else {}), until

    def _claims(self, passport: Passport) -> dict[str, Any]:
        caller = passport.caller
        return {
            "iss": GATEWAY_ISSUER,
            "sub": caller.sub,
            "client_id": caller.client_id,
            "org": caller.organisation_id,
            "scope": " ".join(sorted(caller.scopes)),
            "roles": sorted(caller.roles),
            "territory": sorted(caller.territories),
            "lender_id": caller.lender_id,
            **({"sid": passport.sid} if passport.sid is not None else {}),
        }


def _passport(claims: dict[str, Any]) -> Passport:
    """Raises `KeyError` or `TypeError` for claims that no access token of ours has."""
    tier, sid = claims.get("tier", _STANDARD), claims.get("sid")
    if not (isinstance(tier, str) and (sid is None or isinstance(sid, str))):
        raise TypeError("tier and sid are texts")
    if "grants" in claims:
        raise TypeError("what was lent to a client is looked up, never brought along")
    return Passport(
        from_claims(claims),
        claims["exp"],
        issued_at(claims),
        subjects=subjects_of(claims),
        tier=tier,
        sid=sid,
    )
