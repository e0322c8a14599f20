"""Days on which the offices are closed, beside Saturdays and Sundays."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, DateTime
from sqlmodel import Field

from services.registry.tables import Table


class Holiday(Table, table=True):
    """One day. Fixed feasts come with the reference data; movable ones are entered when they are
    announced; `is_observed` is false for a day that was announced and then was none."""

    __tablename__: ClassVar[str] = "holiday"
    __table_args__ = (
        CheckConstraint("(entered_by is null) = (entered_at is null)", name="entered"),
    )

    on: date = Field(primary_key=True)
    name_fr: str
    name_en: str
    is_observed: bool = True
    source: str
    entered_by: str | None = None  # nobody: reference data
    entered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
