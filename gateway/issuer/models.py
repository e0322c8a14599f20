"""What the issuer keeps: clients with their proofs, sign-ins, codes, refresh families, cut-offs.

Whatever a holder could use is kept as its SHA-256 only: all of it has 256 random bits, so that
nothing slower is needed. Of key pairs, only the public half is ever here.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from chassis.ids import new_id
from gateway.tables import Table


class AuthMethod(StrEnum):
    """How a client proves who it is; the names are those of RFC 7591 and OpenID Connect."""

    SECRET = "client_secret_basic"  # noqa: S105  a name, not a secret
    PRIVATE_KEY = "private_key_jwt"
    NONE = "none"


class ClientStatus(StrEnum):
    """A suspended client gets no token and loses those it has; CLOSED is for ever."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


class Client(Table, table=True):
    """A machine, or the application of persons, and what it may ask for.

    `sub` is who the machine is when it acts for itself. `tier` names its rate limits.
    """

    __tablename__: ClassVar[str] = "client"
    __table_args__ = (
        CheckConstraint("jwks_uri is null or auth_method = 'private_key_jwt'", name="jwks_uri"),
        CheckConstraint(
            "auth_method <> 'none' or not ('client_credentials' = any(grant_types))", name="public"
        ),
    )

    id: str = Field(primary_key=True)
    name: str
    sub: str
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    auth_method: AuthMethod = Field(sa_type=text_enum(AuthMethod))
    jwks_uri: str | None = None
    jwks_error: str | None = None  # a code of ours: why the keys there were not taken
    jwks_read_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    grant_types: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    redirect_uris: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    post_logout_uris: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default="{}")
    )
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    territory: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    tier: str = "STANDARD"
    status: ClientStatus = Field(default=ClientStatus.ACTIVE, sa_type=text_enum(ClientStatus))
    version: int = 1
    is_demo: bool = False
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class ClientSecret(Table, table=True):
    """A secret of a client, shown once; two may live side by side while one replaces the other."""

    __tablename__: ClassVar[str] = "client_secret"

    sha256: str = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, unique=True)  # by which it is named
    client_id: str = Field(foreign_key="client.id", index=True)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    revoke_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ClientKey(Table, table=True):
    """A public key of a client, uploaded with a proof that it holds the private half.

    A key is known by its thumbprint (RFC 7638) for ever: one that was revoked does not come back
    under another name.
    """

    __tablename__: ClassVar[str] = "client_key"

    client_id: str = Field(primary_key=True, foreign_key="client.id")
    kid: str = Field(primary_key=True)
    thumbprint: str = Field(unique=True)
    jwk: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    revoke_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class AssertionJti(Table, table=True):
    """A client assertion that was used: its primary key lets it be used once."""

    __tablename__: ClassVar[str] = "assertion_jti"

    client_id: str = Field(primary_key=True)
    jti: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)


class SignIn(Table, table=True):
    """A browser in which a person has signed in: its cookie, as SHA-256."""

    __tablename__: ClassVar[str] = "sign_in"

    sha256: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    methods: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))  # RFC 8176: pwd, otp
    # as the person will recognise it: "Firefox, Android"
    browser: str = Field(default="", sa_column_kwargs={"server_default": ""})
    signed_in_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class SignInFailures(Table, table=True):
    """Wrong passwords or codes for one name, known or not: the two look the same from outside."""

    __tablename__: ClassVar[str] = "sign_in_failures"

    subject: str = Field(primary_key=True)  # a keyed hash of what was typed
    failures: int
    window_began_at: datetime = Field(sa_type=DateTime(timezone=True))
    locked_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Consent(Table, table=True):
    """What a person allowed an application to ask for in their name."""

    __tablename__: ClassVar[str] = "consent"

    account_id: str = Field(primary_key=True, foreign_key="account.id")
    client_id: str = Field(primary_key=True, foreign_key="client.id")
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    given_at: datetime = Field(sa_type=DateTime(timezone=True))


class RefreshFamily(Table, table=True):
    """One authorization and every token that came of it (`id` is their `sid`): it ends whole."""

    __tablename__: ClassVar[str] = "refresh_family"

    id: str = Field(primary_key=True)
    client_id: str = Field(foreign_key="client.id", index=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    methods: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    sign_in_sha256: str | None = Field(default=None, index=True)
    signed_in_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    end_reason: str | None = None


class AuthorizationCode(Table, table=True):
    """A code of a minute, bound to its client, address and challenge; used once."""

    __tablename__: ClassVar[str] = "authorization_code"

    sha256: str = Field(primary_key=True)
    family_id: str = Field(foreign_key="refresh_family.id", index=True)
    redirect_uri: str
    challenge: str
    nonce: str | None = None
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
    used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class RefreshToken(Table, table=True):
    """One link of a family; the newest is the only one that is good, an older one ends them all."""

    __tablename__: ClassVar[str] = "refresh_token"
    __table_args__ = (
        Index(
            "uq_refresh_token_live",
            "family_id",
            unique=True,
            postgresql_where=text("used_at is null"),
        ),
    )

    sha256: str = Field(primary_key=True)
    family_id: str = Field(foreign_key="refresh_family.id", index=True)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class TokenCutoff(Table, table=True):
    """Access tokens about `subject` issued until `before` are dead, whatever they say.

    Subjects: `sub:`, `client:`, `org:`, `sid:`, `jti:`, and `letters:` for the internal tokens
    only. Rows may go once the longest access token has ended.
    """

    __tablename__: ClassVar[str] = "token_cutoff"

    subject: str = Field(primary_key=True)
    before: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
