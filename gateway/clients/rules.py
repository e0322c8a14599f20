"""What a client may be registered for."""

import ipaddress
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from chassis.auth import Caller
from chassis.errors import Finding
from gateway.accounts.models import Organisation
from gateway.clients.schemas import ClientPatch
from gateway.issuer.models import AuthMethod, Client
from gateway.plane.callers import ADMIN
from gateway.rights import app_scopes_of, machine_scopes_of, may_have_territory, roles_of
from gateway.territories import is_territory, lies_within

_VISIBLE = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('"<>\\^`{|}*')


@dataclass(frozen=True)
class Wish:
    """What is asked for, by whom it would be owned, and the tiers that exist."""

    said: ClientPatch
    auth_method: AuthMethod
    organisation: Organisation
    tiers: Collection[str]

    @property
    def is_machine(self) -> bool:
        """Whether it acts for itself."""
        return "client_credentials" in self.said.grant_types

    @property
    def is_app(self) -> bool:
        """Whether it speaks for persons."""
        return "authorization_code" in self.said.grant_types


def is_itself(client: Client, caller: Caller) -> bool:
    """Whether the caller is the machine, and not a person who uses it."""
    return (caller.client_id, caller.sub) == (client.id, client.sub)


def is_within_reach(client: Client, by: Caller) -> bool:
    """Whether someone may act on a client and its proofs: whoever gets a machine's secret is the
    machine, so that it must hold nothing that they could not give to a person either."""
    if by.has(ADMIN) or is_itself(client, by):
        return True
    is_admin = "client_credentials" in client.grant_types and ADMIN in client.scopes
    return not is_admin and all(lies_within(place, by.territories) for place in client.territory)


def refusals(wish: Wish) -> list[Finding]:
    """Everything that is wrong with what is asked for."""
    return [
        *_about_grants(wish),
        *_about_addresses(wish),
        *_about_scopes(wish),
        *_about_roles(wish),
        *_about_territory(wish),
        *_about_tier(wish),
    ]


def _about_grants(wish: Wish) -> Iterator[Finding]:
    if wish.auth_method == AuthMethod.NONE and wish.is_machine:
        yield Finding(code="CLIENT_WITHOUT_PROOF", pointer="/grant_types")
    if "refresh_token" in wish.said.grant_types and not wish.is_app:
        yield Finding(code="REFRESH_WITHOUT_PERSONS", pointer="/grant_types")


def _about_addresses(wish: Wish) -> Iterator[Finding]:
    said = wish.said
    if wish.is_app != bool(said.redirect_uris):
        yield Finding(code="REDIRECT_URI_EXPECTED", pointer="/redirect_uris")
    if said.post_logout_uris and not wish.is_app:
        yield Finding(code="REDIRECT_URI_EXPECTED", pointer="/post_logout_uris")
    for name in ("redirect_uris", "post_logout_uris"):
        for at, uri in enumerate(getattr(said, name)):
            if not is_redirect(uri):
                yield Finding(code="URI_NOT_ALLOWED", pointer=f"/{name}/{at}")
    if said.jwks_uri is not None and wish.auth_method != AuthMethod.PRIVATE_KEY:
        yield Finding(code="JWKS_URI_NOT_EXPECTED", pointer="/jwks_uri")
    if said.jwks_uri is not None and not is_key_address(said.jwks_uri):
        yield Finding(code="URI_NOT_ALLOWED", pointer="/jwks_uri")


def is_redirect(uri: str) -> bool:
    """https, or http on the person's own machine (RFC 8252 §7.3); exact: no fragment, no
    wildcard, no name or password in front of the host."""
    parts = _split(uri)
    if parts is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def is_key_address(uri: str) -> bool:
    """https; on this machine http too, where a trial has no certificate."""
    return is_redirect(uri)


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    is_plain = _VISIBLE.issuperset(uri) and "#" not in uri
    return parts if is_plain and parts.hostname and "@" not in parts.netloc else None


def is_loopback(host: str) -> bool:
    """Whether a host is the machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _about_scopes(wish: Wish) -> Iterator[Finding]:
    kind = wish.organisation.kind
    allowed = machine_scopes_of(kind) if wish.is_machine else app_scopes_of(kind)
    yield from _not_among(wish.said.scopes, allowed, "SCOPE_NOT_ALLOWED", "/scopes")


def _not_among(
    values: Iterable[str], allowed: Collection[str], code: str, pointer: str
) -> Iterator[Finding]:
    params = {"allowed": " ".join(sorted(allowed)) or "–"}
    for at, value in enumerate(values):
        if value not in allowed:
            yield Finding(code=code, pointer=f"{pointer}/{at}", params=params)


def _about_roles(wish: Wish) -> Iterator[Finding]:
    owner = wish.organisation
    allowed = roles_of(owner.kind, is_demo=owner.is_demo) if wish.is_machine else ()
    yield from _not_among(wish.said.roles, allowed, "ROLE_NOT_GIVABLE", "/roles")


def _about_territory(wish: Wish) -> Iterator[Finding]:
    said, kind = wish.said, wish.organisation.kind
    if said.territory and not (wish.is_machine and may_have_territory(kind, said.roles)):
        yield Finding(code="TERRITORY_NOT_EXPECTED", pointer="/territory")
        return
    for at, place in enumerate(said.territory):
        if not is_territory(place):
            yield Finding(code="TERRITORY_UNKNOWN", pointer=f"/territory/{at}")


def _about_tier(wish: Wish) -> Iterator[Finding]:
    if wish.said.tier not in wish.tiers:
        params = {"allowed": " ".join(sorted(wish.tiers))}
        yield Finding(code="TIER_UNKNOWN", pointer="/tier", params=params)
