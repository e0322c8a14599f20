"""Alerts as they stood when they were last computed, kept for lists and to tell what changed."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.registry.alerts.states import Activity, AlertCode
from services.registry.tables import Table


class Alert(Table, table=True):
    """An alert that was raised, from when it was noticed until it ended. Nobody edits it."""

    __tablename__: ClassVar[str] = "alert"
    __table_args__ = (
        # one alert of a kind stands at a time
        Index(
            "uq_alert_standing",
            "cooperative_id",
            "code",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )

    id: UUID = Field(primary_key=True)
    cooperative_id: UUID = Field(foreign_key="cooperative.id")
    code: AlertCode = Field(sa_type=text_enum(AlertCode))
    since: date
    params: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    noticed_at: datetime = Field(sa_type=DateTime(timezone=True))
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Checked(Table, table=True):
    """When a cooperative was last looked at, at which revision, and what came of it."""

    __tablename__: ClassVar[str] = "activity"

    cooperative_id: UUID = Field(primary_key=True, foreign_key="cooperative.id")
    activity: Activity | None = Field(default=None, sa_type=text_enum(Activity))
    checked_on: date
    revision: int
