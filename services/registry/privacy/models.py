"""What persons ask about their data, and what was done to it."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, Text, text
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import SEALED
from services.registry.privacy.states import RequestStatus
from services.registry.tables import Table


class RequestKind(StrEnum):
    """The rights of a person (law 2008-12)."""

    ACCESS = "ACCESS"
    RECTIFICATION = "RECTIFICATION"
    ERASURE = "ERASURE"
    OBJECTION = "OBJECTION"


class Channel(StrEnum):
    """How the request came."""

    ONLINE = "ONLINE"
    DESK = "DESK"


class RefusalGround(StrEnum):
    """Why a request is not granted."""

    OFFICER_PUBLICITY = "OFFICER_PUBLICITY"
    MEMBERSHIP_REGISTER = "MEMBERSHIP_REGISTER"
    LEGAL_OBLIGATION = "LEGAL_OBLIGATION"
    IDENTITY_NOT_PROVEN = "IDENTITY_NOT_PROVEN"
    UNFOUNDED = "UNFOUNDED"


class DataRequest(Table, table=True):
    """A person's request about their own data. What they wrote is sealed under their own key: an
    erasure takes it too."""

    __tablename__: ClassVar[str] = "data_request"
    __table_args__ = (
        # one at a time of each kind
        Index(
            "uq_data_request_open",
            "member_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'RECEIVED'"),
        ),
        CheckConstraint(
            "(status in ('GRANTED', 'REFUSED')) = (decided_at is not null)", name="decided"
        ),
        CheckConstraint("(status = 'REFUSED') = (ground is not null)", name="refused_for"),
        CheckConstraint("decided_by is null or decided_by <> sub", name="four_eyes"),
    )

    id: UUID = Field(primary_key=True)
    kind: RequestKind = Field(sa_type=text_enum(RequestKind))
    member_id: UUID = Field(foreign_key="member.id", index=True)
    sub: str = Field(index=True)
    channel: Channel = Field(sa_type=text_enum(Channel))
    statement_sealed: str | None = Field(default=None, sa_column_kwargs=SEALED)
    changes_sealed: str | None = Field(default=None, sa_column_kwargs=SEALED)
    status: RequestStatus = Field(sa_type=text_enum(RequestStatus), default=RequestStatus.RECEIVED)
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    due_on: date
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    decided_by: str | None = None
    ground: RefusalGround | None = Field(default=None, sa_type=text_enum(RefusalGround))
    reason: str | None = None
    version: int = 1


class PrivacyActKind(StrEnum):
    """What was done to personal data otherwise than by a filing."""

    RECTIFIED = "RECTIFIED"
    ERASED = "ERASED"
    PSEUDONYMISED = "PSEUDONYMISED"
    PURGED = "PURGED"


class PrivacyAct(Table, table=True):
    """One act on personal data: which fields of whom, by whom and why; never a value, never
    changed."""

    __tablename__: ClassVar[str] = "privacy_act"

    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    kind: PrivacyActKind = Field(sa_type=text_enum(PrivacyActKind))
    member_id: UUID | None = Field(default=None, index=True)
    filing_id: UUID | None = None
    request_id: UUID | None = None
    fields: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    by_sub: str | None = None
    rule: str | None = None
