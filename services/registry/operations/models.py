"""Long work, as it stands: what asked for it stands at `resource`."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Text
from sqlmodel import Field

from chassis.db import text_enum
from services.registry.operations.states import OperationStatus
from services.registry.tables import Table


class Operation(Table, table=True):
    """One piece of work in the background; `path` is where who may follow it works."""

    __tablename__: ClassVar[str] = "operation"
    __table_args__ = (
        CheckConstraint("done >= 0 and (total is null or done <= total)", name="progress"),
        CheckConstraint(
            "(status in ('SUCCEEDED', 'FAILED')) = (ended_at is not null)", name="ended"
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    status: OperationStatus = Field(
        sa_type=text_enum(OperationStatus), default=OperationStatus.PENDING
    )
    resource: str
    created_by: str
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    done: int = 0
    total: int | None = None
    failure: str | None = None  # the code of what went wrong
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
