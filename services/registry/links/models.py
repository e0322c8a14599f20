"""Which account is which person of the register."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, text
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import BLIND
from services.registry.tables import Table


class LinkGround(StrEnum):
    """How whoever gave the code knew the person."""

    IDENTITY_DOCUMENT_SEEN = "IDENTITY_DOCUMENT_SEEN"
    KNOWN_IN_COOPERATIVE = "KNOWN_IN_COOPERATIVE"


class MemberLink(Table, table=True):
    """That an account is a member's own: a code handed to the person by somebody who knows them,
    and used once by that account. The row is the record of both acts; the code is not in it."""

    __tablename__: ClassVar[str] = "member_link"
    __table_args__ = (
        CheckConstraint("(sub is null) = (claimed_at is null)", name="claimed"),
        CheckConstraint("sub is null or sub <> issued_by", name="two_persons"),
        # one account for a member; an account may be a member of several cooperatives
        Index(
            "uq_member_link_member_id",
            "member_id",
            unique=True,
            postgresql_where=text("sub is not null and ended_at is null"),
        ),
        Index("ix_member_link_sub", "sub", postgresql_where=text("ended_at is null")),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id", index=True)
    ground: LinkGround = Field(sa_type=text_enum(LinkGround))
    code_blind: str = Field(unique=True, sa_column_kwargs=BLIND)
    issued_by: str
    issued_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
    sub: str | None = None
    claimed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
