"""Every move of every life, for ever: who, when, from where to where, and why."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field

from services.training.tables import Table


class Transition(Table, table=True):
    """One move; append-only. `subject` reads `training-session/<id>`."""

    __tablename__: ClassVar[str] = "transition"

    id: UUID = Field(primary_key=True)
    subject: str = Field(index=True)
    action: str
    from_status: str | None
    to_status: str
    by_sub: str
    reason: str | None = None
    at: datetime = Field(sa_type=DateTime(timezone=True))
