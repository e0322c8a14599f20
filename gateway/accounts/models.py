"""Organisations, the persons who act for them, and the codes by which a person comes in."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, DateTime, Index, Text, text
from sqlmodel import Field

from chassis.db import text_enum
from gateway.tables import Table


class OrganisationKind(StrEnum):
    """What an organisation is to the platform."""

    MINISTRY_UNIT = "MINISTRY_UNIT"
    COOPERATIVE = "COOPERATIVE"
    INITIATIVE = "INITIATIVE"
    LENDER = "LENDER"
    DEVELOPER = "DEVELOPER"


class OrganisationStatus(StrEnum):
    """A suspended organisation is nobody: none of its persons or machines gets in."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


class Organisation(Table, table=True):
    """Whoever owns cooperatives, applications or decisions; its id is opaque (`org-…`)."""

    __tablename__: ClassVar[str] = "organisation"
    __table_args__ = (
        CheckConstraint("(kind = 'LENDER') = (lender_id is not null)", name="lender"),
    )

    id: str = Field(primary_key=True)
    kind: OrganisationKind = Field(sa_type=text_enum(OrganisationKind))
    name: str
    status: OrganisationStatus = Field(
        default=OrganisationStatus.ACTIVE, sa_type=text_enum(OrganisationStatus)
    )
    # one lender is one organisation: its persons and machines act for it and for no other
    lender_id: str | None = Field(default=None, unique=True)
    version: int = 1
    is_demo: bool = False
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class AccountStatus(StrEnum):
    """INVITED until the first password; LEFT is for ever."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    LEFT = "LEFT"


class Account(Table, table=True):
    """A person who may sign in; `id` is the `sub` of their tokens, roles give the scopes.

    The address and the second factor's secret are sealed; `email_blind` finds equal addresses.
    """

    __tablename__: ClassVar[str] = "account"
    __table_args__ = (
        CheckConstraint("username = lower(username)", name="username_lower"),
        CheckConstraint("status <> 'ACTIVE' or password_hash is not null", name="active_password"),
        CheckConstraint("(email_sealed is null) = (email_blind is null)", name="email"),
    )

    id: str = Field(primary_key=True)
    username: str = Field(unique=True)
    full_name: str = ""
    email_sealed: str | None = None
    email_blind: str | None = Field(default=None, unique=True)
    email_pending: str | None = None  # sealed too: asked for, not yet proved
    language: str = "fr"
    password_hash: str | None = None
    totp_sealed: str | None = None  # set once the person has proved to hold it
    totp_pending: str | None = None  # sealed too: shown, not yet proved
    totp_step: int = Field(default=0, sa_type=BigInteger)  # the last one used: a code counts once
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    territory: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    status: AccountStatus = Field(default=AccountStatus.ACTIVE, sa_type=text_enum(AccountStatus))
    replaces_id: str | None = Field(default=None, foreign_key="account.id", unique=True)
    version: int = 1
    is_demo: bool = False
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class CodePurpose(StrEnum):
    """What a one-time code opens."""

    INVITATION = "INVITATION"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105  a name, not a secret
    ADDRESS_CHANGE = "ADDRESS_CHANGE"


class OneTimeCode(Table, table=True):
    """A code sent to a person, kept as its SHA-256; used once, or replaced by the next one."""

    __tablename__: ClassVar[str] = "one_time_code"
    __table_args__ = (
        # one live code for each person and purpose: a new one makes the old one void
        Index(
            "uq_one_time_code_live",
            "account_id",
            "purpose",
            unique=True,
            postgresql_where=text("used_at is null"),
        ),
    )

    sha256: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id")
    purpose: CodePurpose = Field(sa_type=text_enum(CodePurpose))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
    used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class RecoveryCode(Table, table=True):
    """What opens once in place of the second factor, when the telephone is lost; as SHA-256."""

    __tablename__: ClassVar[str] = "recovery_code"

    sha256: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
