"""The ILO tools, their versions, and what the ministry teaches with them."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.training.tables import Table
from services.training.tools.schemas import VersionStatus


class Tool(Table, table=True):
    """A family of training material; `next_tool_codes` is the way that a group goes on."""

    __tablename__: ClassVar[str] = "tool"

    code: str = Field(primary_key=True)
    name: str
    owner: str
    purpose_fr: str
    purpose_en: str
    audience: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    next_tool_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    sources: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class ToolVersion(Table, table=True):
    """An edition of a tool. Its licence decides what an adaptation may be."""

    __tablename__: ClassVar[str] = "tool_version"

    id: UUID = Field(primary_key=True)
    tool_code: str = Field(foreign_key="tool.code", index=True)
    semver: str
    kind: str
    language: str
    published_year: int | None = None
    licence: str | None = None
    attribution: str
    isbn: str | None = None
    is_ilo_logo_authorised: bool
    status: VersionStatus = Field(sa_type=text_enum(VersionStatus))
    sources: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    unconfirmed: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class Programme(Table, table=True):
    """What is taught; `learner_unit` says whether persons or groups learn."""

    __tablename__: ClassVar[str] = "programme"

    code: str = Field(primary_key=True)
    tool_code: str = Field(foreign_key="tool.code")
    kind: str
    learner_unit: str
    title_fr: str
    title_en: str


class ProgrammeVersion(Table, table=True):
    """How it is taught. `unconfirmed` names the fields that are policy and not yet confirmed."""

    __tablename__: ClassVar[str] = "programme_version"
    __table_args__ = (
        # Nothing is taught whose completion nobody has defined.
        CheckConstraint("status <> 'PUBLISHED' or completion_rule is not null", name="rule"),
    )

    id: UUID = Field(primary_key=True)
    programme_code: str = Field(foreign_key="programme.code", index=True)
    tool_version_id: UUID = Field(foreign_key="tool_version.id")
    semver: str
    status: VersionStatus = Field(sa_type=text_enum(VersionStatus))
    languages: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    modules: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    min_participants: int
    max_participants: int
    completion_rule: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    certificate_validity_months: int | None = None
    sources: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    unconfirmed: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class Policy(Table, table=True):
    """A number that the ministry may change: in force from a day until a later row's day."""

    __tablename__: ClassVar[str] = "policy"

    code: str = Field(primary_key=True)
    valid_from: date = Field(primary_key=True)
    value: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    source: str
    is_confirmed: bool
