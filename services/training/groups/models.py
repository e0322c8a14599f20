"""Groups that may be trained, as the registry told us: our own reading model."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field

from chassis.db import text_enum
from services.training.tables import Table


class GroupKind(StrEnum):
    """On its way to a cooperative, or one already."""

    INITIATIVE = "INITIATIVE"
    COOPERATIVE = "COOPERATIVE"


class KnownGroup(Table, table=True):
    """An initiative or a cooperative; `organisation_id` owns it."""

    __tablename__: ClassVar[str] = "known_group"

    id: UUID = Field(primary_key=True)
    kind: GroupKind = Field(sa_type=text_enum(GroupKind))
    organisation_id: str
    name: str
    commune_code: str
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    initiative_id: UUID | None = None
    registration_number: str | None = None
    heard_at: datetime = Field(sa_type=DateTime(timezone=True))
