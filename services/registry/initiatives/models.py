"""An initiative: a group that wants to become a cooperative."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field

from services.registry.tables import Table


class Initiative(Table, table=True):
    """A group on its way; `organisation_id` owns it, `path` is its commune and all above."""

    __tablename__: ClassVar[str] = "initiative"

    id: UUID = Field(primary_key=True)
    organisation_id: str = Field(index=True)
    name: str
    commune_code: str
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    activity: str
    members_count: int
    women_count: int | None
    created_by: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    trained_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    cooperative_id: UUID | None = None
    version: int = 1
