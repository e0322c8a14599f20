"""Clients on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.bodies import Incoming
from chassis.fields import Id, Instant
from gateway.issuer.models import AuthMethod, ClientStatus
from gateway.texts import PlainName, Reason

GrantType = Literal["client_credentials", "authorization_code", "refresh_token"]
Uri = Annotated[str, Field(min_length=1, max_length=500)]
Uris = Annotated[list[Uri], Field(max_length=10)]
Codes = Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=50)]
TierName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=40)]


class ClientPatch(Incoming):
    """What may change of a client; its organisation and its way of proving itself stay."""

    name: PlainName
    grant_types: Annotated[list[GrantType], Field(min_length=1, max_length=3)]
    redirect_uris: Uris = Field(default_factory=list)
    post_logout_uris: Uris = Field(default_factory=list)
    scopes: Annotated[Codes, Field(min_length=1)]
    roles: Codes = Field(default_factory=list)
    territory: Codes = Field(default_factory=list)
    tier: TierName = "STANDARD"
    jwks_uri: Uri | None = None


class ClientWrite(ClientPatch):
    """A machine, or an application of persons, and what it may ask for."""

    organisation_id: Annotated[str, Field(min_length=1, max_length=80)]
    auth_method: AuthMethod


class ActWrite(Incoming):
    """An act of administration, and why."""

    reason: Annotated[Reason, Field(description="kept in the audit trail")] = Reason.OTHER


class SecretWrite(Incoming):
    """A new secret; the one before it ends then (in seven days, if nothing is said)."""

    previous_ends_at: Instant | None = None


class SecretRevocation(Incoming):
    """A secret ends, now or at a date that is not later than the one it has."""

    secret_id: Id
    revoke_at: Instant | None = None


class ClientFilter(BaseModel):
    """Which clients; what is None does not narrow."""

    organisation_id: str | None = None
    status: ClientStatus | None = None


class ClientRead(BaseModel):
    """A client, without its secrets and keys."""

    id: str
    name: str
    sub: str
    organisation_id: str
    auth_method: AuthMethod
    jwks_uri: str | None
    jwks_error: str | None = Field(description="why the keys at `jwks_uri` were not taken")
    grant_types: list[str]
    redirect_uris: list[str]
    post_logout_uris: list[str]
    scopes: list[str]
    roles: list[str]
    territory: list[str]
    tier: str
    status: ClientStatus
    allowed_actions: list[str]
    created_at: datetime
    version: int


class ClientCreated(ClientRead):
    """A new client; `client_secret` is shown now and never again."""

    client_secret: str | None


class SecretRead(BaseModel):
    """A secret, without itself."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: datetime
    revoke_at: datetime | None


class SecretCreated(SecretRead):
    """A new secret; it is shown now and never again."""

    client_secret: str


class SecretList(BaseModel):
    """The secrets that are good, now or until a date."""

    items: list[SecretRead]
