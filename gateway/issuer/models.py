"""Clients of the issuer, and the assertions they have used."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from gateway.tables import Table


class AuthMethod(StrEnum):
    """How a client proves who it is; the names are those of RFC 7591 and OpenID Connect."""

    SECRET = "client_secret_basic"  # noqa: S105  a name, not a secret
    PRIVATE_KEY = "private_key_jwt"
    NONE = "none"


class Client(Table, table=True):
    """A machine, or the application of a person, and what it may ask for.

    A secret is stored as its SHA-256 (it has 256 random bits, so that nothing slower is needed);
    of a key pair, only the public half is ever here.
    """

    __tablename__: ClassVar[str] = "client"
    __table_args__ = (
        CheckConstraint(
            "(auth_method = 'client_secret_basic') = (secret_sha256 is not null)", name="secret"
        ),
        CheckConstraint("(auth_method = 'private_key_jwt') = (jwks is not null)", name="jwks"),
    )

    id: str = Field(primary_key=True)
    name: str
    sub: str
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    auth_method: AuthMethod = Field(sa_type=text_enum(AuthMethod))
    secret_sha256: str | None = None
    jwks: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    grant_types: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    redirect_uris: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    territory: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    lender_id: str | None = None
    is_active: bool = True
    is_demo: bool = False
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class AssertionJti(Table, table=True):
    """A client assertion that was used: its primary key lets it be used once."""

    __tablename__: ClassVar[str] = "assertion_jti"

    client_id: str = Field(primary_key=True)
    jti: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
