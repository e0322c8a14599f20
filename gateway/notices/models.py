"""Letters to persons, kept until they are sent."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, text
from sqlmodel import Field

from chassis.db import text_enum
from gateway.tables import Table


class NoticeKind(StrEnum):
    """What a letter is about."""

    INVITATION = "INVITATION"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105  a name, not a secret
    ADDRESS_CHANGED = "ADDRESS_CHANGED"
    SECOND_FACTOR_RESET = "SECOND_FACTOR_RESET"
    KEY_ADDED = "KEY_ADDED"
    ADDRESS_CONFIRMATION = "ADDRESS_CONFIRMATION"
    OWN_ADDRESS_CHANGED = "OWN_ADDRESS_CHANGED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  a name, not a secret
    SECOND_FACTOR_ON = "SECOND_FACTOR_ON"
    SECOND_FACTOR_OFF = "SECOND_FACTOR_OFF"
    RECOVERY_CODES_RENEWED = "RECOVERY_CODES_RENEWED"


class NoticeStatus(StrEnum):
    """Where a letter stands; one that was given up needs somebody."""

    WAITING = "WAITING"
    SENT = "SENT"
    GIVEN_UP = "GIVEN_UP"


class Notice(Table, table=True):
    """One letter. Address, name and code are sealed, and dropped once it is sent or given up."""

    __tablename__: ClassVar[str] = "notice"
    __table_args__ = (
        CheckConstraint("(status = 'WAITING') = (content_sealed is not null)", name="content"),
        CheckConstraint("(status = 'WAITING') = (due_at is not null)", name="due"),
        Index("ix_notice_due", "due_at", postgresql_where=text("due_at is not null")),
    )

    id: UUID = Field(primary_key=True)
    kind: NoticeKind = Field(sa_type=text_enum(NoticeKind))
    account_id: str = Field(index=True)
    status: NoticeStatus = Field(default=NoticeStatus.WAITING, sa_type=text_enum(NoticeStatus))
    content_sealed: str | None
    attempts: int = 0
    last_error: str | None = None  # a code of ours, never what a server said
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    due_at: datetime | None = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))  # later, nobody needs it
    settled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
