"""Demo accounts: one machine and one person for each role, random at each installation."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.keys import new_private_jwk, public_jwk, thumbprint, write_private
from gateway.accounts.models import OrganisationKind
from gateway.issuer.clients import secret_sha256
from gateway.issuer.models import AuthMethod, Client, ClientKey, ClientSecret, ClientStatus
from gateway.names import new_name
from gateway.roles import DEMO, FRONTEND, ROLES
from gateway.settings import GatewaySettings

# The same in every installation: the financing service's reference data names them too.
LENDERS: Mapping[str, tuple[str, str]] = {
    "bank_a": ("0198a000-0000-7000-8000-00000000000a", "BANK"),
    "bank_b": ("0198a000-0000-7000-8000-00000000000b", "BANK"),
    "sfd": ("0198a000-0000-7000-8000-00000000000c", "SFD"),
}
REDIRECT_URI = "http://127.0.0.1:5173/callback"
AFTER_LOGOUT = "http://127.0.0.1:5173/"
_MINISTRY = (
    "instructor",
    "validator",
    "dual_agent",
    "registrar",
    "data_protection",
    "training_manager",
    "financing_officer",
    "financing_validator",
    "statistician",
    "admin",
)
_NATIONAL = {*_MINISTRY, "volunteer", "trainer"}  # "SN": all of Senegal


# What hangs on demo clients and persons, in an order in which it can be removed.
OF_CLIENTS = ("access_grant", "client_secret", "client_key")
OF_ACCOUNTS = ("one_time_code", "recovery_code", "sign_in")
OF_FAMILIES = ("authorization_code", "refresh_token")


class DemoRefused(Exception):
    """Demo accounts do not belong here; the message says why."""


@dataclass(frozen=True)
class Identity:
    """Who a role is: the same for its machine and for its person."""

    role: str
    sub: str
    organisation_id: str
    organisation_name: str

    @property
    def territory(self) -> str | None:
        """Where the role acts; None: only for its own organisation."""
        return "SN" if self.role in _NATIONAL else None

    @property
    def lender_id(self) -> str | None:
        """The lender for whom the role acts."""
        return LENDERS[self.role][0] if self.role in LENDERS else None

    @property
    def organisation_kind(self) -> OrganisationKind:
        """What the role's organisation is."""
        if self.lender_id:
            return OrganisationKind.LENDER
        if self.role in (*_MINISTRY, "trainer"):
            return OrganisationKind.MINISTRY_UNIT
        kinds = {"cooperative": "COOPERATIVE", "volunteer": "INITIATIVE"}
        return OrganisationKind(kinds.get(self.role, "DEVELOPER"))

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the role's machine may ask for."""
        return scopes_of(self.role)


def scopes_of(role: str) -> tuple[str, ...]:
    """What the machine of a role may ask for; the application asks for all that persons hold."""
    return FRONTEND if role == "frontend" else ROLES[role]


def check_allowed(settings: GatewaySettings) -> None:
    """Refuse where a demo account could be a door."""
    if settings.environment == "production":
        raise DemoRefused("No demo accounts in production.")
    if not settings.is_loopback:
        raise DemoRefused(f"No demo accounts at {settings.public_url}: it is not a loopback.")


def identities() -> list[Identity]:
    """One fresh identity for each role; those of the ministry share its organisation."""
    ministry = new_name("org")
    return [
        Identity(
            role=role,
            sub=new_name("user"),
            organisation_id=ministry if role in _MINISTRY else new_name("org"),
            organisation_name="MMESS (demo)" if role in _MINISTRY else f"{role} (demo)",
        )
        for role in (*DEMO, "frontend")
    ]


def new_client(who: Identity) -> dict[str, Any]:
    """What the file says of a role's machine, its secret or private key included."""
    entry: dict[str, Any] = {"client_id": new_name("client")}
    if who.role == "frontend":
        entry["redirect_uri"] = REDIRECT_URI
    elif who.lender_id:
        entry["private_key_jwk"] = new_private_jwk(f"{who.role}-{secrets.token_hex(4)}")
    else:
        entry["client_secret"] = secrets.token_urlsafe(32)
    entry |= {
        "scope": " ".join(who.scopes),
        "sub": who.sub,
        "organisation_id": who.organisation_id,
        "territory": who.territory,
    }
    return entry | ({"lender_id": who.lender_id} if who.lender_id else {})


def auth_method(entry: Mapping[str, Any]) -> AuthMethod:
    """How the client of an entry proves who it is."""
    if "client_secret" in entry:
        return AuthMethod.SECRET
    return AuthMethod.PRIVATE_KEY if "private_key_jwk" in entry else AuthMethod.NONE


def proofs(entry: Mapping[str, Any]) -> list[ClientSecret | ClientKey]:
    """What the database keeps of a client's secret or key."""
    common = {"client_id": entry["client_id"], "created_at": clock.now()}
    if "client_secret" in entry:
        return [ClientSecret(sha256=secret_sha256(entry["client_secret"]), **common)]
    if "private_key_jwk" in entry:
        jwk = public_jwk(entry["private_key_jwk"])
        return [ClientKey(kid=jwk["kid"], thumbprint=thumbprint(jwk), jwk=jwk, **common)]
    return []


def read(path: Path) -> dict[str, Any] | None:
    """The file as it was written, None if there is none that can be read."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) and "clients" in found and "users" in found else None


async def is_known(session: AsyncSession, written: Mapping[str, Any]) -> bool:
    """Whether every client of the file is in the database, with the same secret or key."""
    entries = {entry["client_id"]: entry for entry in written["clients"].values()}
    query = select(Client).where(
        col(Client.id).in_(entries), col(Client.status) == ClientStatus.ACTIVE
    )
    rows = (await session.exec(query)).all()
    is_complete = set(written["clients"]) == {*DEMO, "frontend"}
    if not is_complete or len(rows) != len(entries):
        return False
    wanted = [proof for entry in entries.values() for proof in proofs(entry)]
    return all([await _is_kept(session, proof) for proof in wanted])


async def _is_kept(session: AsyncSession, wanted: ClientSecret | ClientKey) -> bool:
    if isinstance(wanted, ClientSecret):
        kept = await session.get(ClientSecret, wanted.sha256)
        return kept is not None and kept.client_id == wanted.client_id
    key = await session.get(ClientKey, (wanted.client_id, wanted.kid))
    return key is not None and key.jwk == wanted.jwk


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write the file, for its owner alone."""
    write_private(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
