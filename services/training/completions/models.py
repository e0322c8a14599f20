"""What was decided of a group, with everything that it was decided from; never changed."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.training.completions.schemas import CompletionOutcome
from services.training.tables import Table


class CompletionDecision(Table, table=True):
    """Once for each delegation. `inputs` holds the rule and what it was applied to."""

    __tablename__: ClassVar[str] = "completion_decision"

    id: UUID = Field(primary_key=True)
    delegation_id: UUID = Field(
        sa_column=Column(ForeignKey("delegation.id"), nullable=False, unique=True)
    )
    training_session_id: UUID = Field(foreign_key="training_session.id", index=True)
    outcome: CompletionOutcome = Field(sa_type=text_enum(CompletionOutcome))
    inputs: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    members_trained: int
    women_trained: int
    youth_trained: int
    decided_on: date
    decided_by: str
    decided_at: datetime = Field(sa_type=DateTime(timezone=True))
