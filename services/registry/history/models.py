"""Effects, and the rectangles drawn from them: valid from day to day, known from then to then.

Effects are the truth and only ever added. A rectangle is closed (`recorded` ends) when a later
filing draws it anew; what it said then is kept, so that the register can show what it said.
"""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    UniqueConstraint,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE, ExcludeConstraint
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import Xid8
from services.registry.fields import Organ, Sex
from services.registry.tables import Table


class Effect(Table, table=True):
    """What one approved filing says about a cooperative; never changed.

    `changes` is a list of `{part, key, value}`, with `since` where that is another day, and
    `is_undone` where an end never was; nothing in it is sealed and nobody is named whom the law
    does not publish.
    """

    __tablename__: ClassVar[str] = "effect"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "revision", name="uq_effect_revision"),
        Index("ix_effect_xid_pos", "xid", "pos"),
    )

    filing_id: UUID = Field(primary_key=True, foreign_key="filing.id")
    xid: Any = Field(
        default=None,
        sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    )
    pos: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False)
    )
    cooperative_id: UUID = Field(foreign_key="cooperative.id")
    revision: int
    formality: str
    effective_on: date
    corrects: int | None = None
    changes: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


def _never_two(table: str, key: str) -> ExcludeConstraint:
    """No two rectangles of one thing are true for one day and known at one instant. Its index holds
    the bytes of the id and not the id, for which PostgreSQL would read it: fourteen times slower
    than the index made for that."""
    pairs = (func.uuid_send(column(key)), "="), ("valid", "&&"), ("recorded", "&&")
    return ExcludeConstraint(*pairs, name=f"ex_{table}_bitemporal", using="gist")


class CooperativeVersion(Table, table=True):
    """What anyone may read about a cooperative, over one rectangle."""

    __tablename__: ClassVar[str] = "cooperative_version"
    __table_args__ = (_never_two("cooperative_version", "cooperative_id"),)

    id: UUID = Field(primary_key=True)
    cooperative_id: UUID = Field(foreign_key="cooperative.id", index=True)
    revision: int
    filing_id: UUID = Field(foreign_key="filing.id")
    valid: Any = Field(sa_column=Column(DATERANGE, nullable=False))
    recorded: Any = Field(sa_column=Column(TSTZRANGE, nullable=False))
    public: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class Membership(Table, table=True):
    """That a person is a member, with how many shares, over one rectangle."""

    __tablename__: ClassVar[str] = "membership"
    __table_args__ = (
        _never_two("membership", "member_id"),
        Index("ix_membership_cooperative", "cooperative_id", "member_id"),
    )

    id: UUID = Field(primary_key=True)
    cooperative_id: UUID = Field(foreign_key="cooperative.id")
    member_id: UUID = Field(foreign_key="member.id")
    revision: int
    filing_id: UUID = Field(foreign_key="filing.id")
    valid: Any = Field(sa_column=Column(DATERANGE, nullable=False))
    recorded: Any = Field(sa_column=Column(TSTZRANGE, nullable=False))
    sex: Sex = Field(sa_type=text_enum(Sex))
    shares: int = Field(ge=0)
    admitted_on: date


class Mandate(Table, table=True):
    """That a member holds an office, over one rectangle; `representative`: who sits there for a
    legal person (AUSCOOP art. 296), by both names."""

    __tablename__: ClassVar[str] = "mandate"
    __table_args__ = (
        _never_two("mandate", "mandate_id"),
        Index("ix_mandate_cooperative", "cooperative_id", "mandate_id"),
    )

    id: UUID = Field(primary_key=True)
    cooperative_id: UUID = Field(foreign_key="cooperative.id")
    mandate_id: UUID
    member_id: UUID = Field(foreign_key="member.id")
    revision: int
    filing_id: UUID = Field(foreign_key="filing.id")
    valid: Any = Field(sa_column=Column(DATERANGE, nullable=False))
    recorded: Any = Field(sa_column=Column(TSTZRANGE, nullable=False))
    organ: Organ = Field(sa_type=text_enum(Organ))
    function: str
    from_on: date
    to_on: date | None = None
    representative: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )
