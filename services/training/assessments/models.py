"""What trainers found of the work of groups; nothing is changed, a new attempt is a new row."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, UniqueConstraint
from sqlmodel import Field

from chassis.db import text_enum
from services.training.assessments.schemas import AssessmentOutcome
from services.training.tables import Table


class Assessment(Table, table=True):
    """One look at one deliverable of one group; the latest attempt counts."""

    __tablename__: ClassVar[str] = "assessment"
    __table_args__ = (UniqueConstraint("delegation_id", "deliverable_code", "attempt"),)

    id: UUID = Field(primary_key=True)
    delegation_id: UUID = Field(foreign_key="delegation.id", index=True)
    module_code: str
    deliverable_code: str
    outcome: AssessmentOutcome = Field(sa_type=text_enum(AssessmentOutcome))
    remarks: str | None = None
    attempt: int
    assessor_sub: str
    assessed_at: datetime = Field(sa_type=DateTime(timezone=True))
