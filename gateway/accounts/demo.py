"""Demo accounts: one machine and one person for each role, random at each installation."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.keys import new_private_jwk, public_jwk, write_private
from gateway.issuer.clients import secret_sha256
from gateway.issuer.models import AuthMethod, Client
from gateway.roles import FRONTEND, ROLES
from gateway.settings import GatewaySettings

# The same in every installation: the financing service's reference data names them too.
LENDERS: Mapping[str, tuple[str, str]] = {
    "bank_a": ("0198a000-0000-7000-8000-00000000000a", "BANK"),
    "bank_b": ("0198a000-0000-7000-8000-00000000000b", "BANK"),
    "sfd": ("0198a000-0000-7000-8000-00000000000c", "SFD"),
}
REDIRECT_URI = "http://127.0.0.1:5173/callback"
_MINISTRY = (
    "instructor",
    "validator",
    "dual_agent",
    "registrar",
    "training_manager",
    "financing_officer",
    "financing_validator",
    "statistician",
    "admin",
)
_NATIONAL = {*_MINISTRY, "volunteer", "trainer"}  # "SN": all of Senegal


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
    def scopes(self) -> tuple[str, ...]:
        """What the role's machine may ask for."""
        return FRONTEND if self.role == "frontend" else ROLES[self.role]


def check_allowed(settings: GatewaySettings) -> None:
    """Refuse where a demo account could be a door."""
    if settings.environment == "production":
        raise DemoRefused("No demo accounts in production.")
    if not settings.is_loopback:
        raise DemoRefused(f"No demo accounts at {settings.public_url}: it is not a loopback.")


def identities() -> list[Identity]:
    """One fresh identity for each role; those of the ministry share its organisation."""
    ministry = _new_id("org")
    return [
        Identity(
            role=role,
            sub=_new_id("user"),
            organisation_id=ministry if role in _MINISTRY else _new_id("org"),
            organisation_name="MMESS (demo)" if role in _MINISTRY else f"{role} (demo)",
        )
        for role in (*ROLES, "frontend")
    ]


def _new_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(10)}"


def new_client(who: Identity) -> dict[str, Any]:
    """What the file says of a role's machine, its secret or private key included."""
    entry: dict[str, Any] = {"client_id": _new_id("client")}
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


def proof(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the database keeps of a client's secret or key."""
    if "client_secret" in entry:
        sha256 = secret_sha256(entry["client_secret"])
        return {"auth_method": AuthMethod.SECRET, "secret_sha256": sha256}
    if "private_key_jwk" in entry:
        jwks = {"keys": [public_jwk(entry["private_key_jwk"])]}
        return {"auth_method": AuthMethod.PRIVATE_KEY, "jwks": jwks}
    return {"auth_method": AuthMethod.NONE}


def read(path: Path) -> dict[str, Any] | None:
    """The file as it was written, None if there is none that can be read."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) and "clients" in found and "users" in found else None


async def is_known(session: AsyncSession, written: Mapping[str, Any]) -> bool:
    """Whether every client of the file is in the database, with the same secret or key."""
    entries = {entry["client_id"]: proof(entry) for entry in written["clients"].values()}
    query = select(Client).where(col(Client.id).in_(entries), col(Client.is_active))
    rows = (await session.exec(query)).all()
    is_complete = set(written["clients"]) == {*ROLES, "frontend"}
    return is_complete and len(rows) == len(entries) and all(_agrees(r, entries) for r in rows)


def _agrees(row: Client, entries: Mapping[str, Mapping[str, Any]]) -> bool:
    kept = {"jwks": None, "secret_sha256": None} | dict(entries[row.id])
    return all(getattr(row, name) == value for name, value in kept.items())


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write the file, for its owner alone."""
    write_private(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
