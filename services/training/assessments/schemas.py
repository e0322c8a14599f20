"""Assessments on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.training.fields import Code


class AssessmentOutcome(StrEnum):
    """Whether the deliverable is good enough."""

    ACCEPTED = "ACCEPTED"
    TO_REWORK = "TO_REWORK"


class AssessmentWrite(Incoming):
    """What a trainer found of the deliverable with which a group leaves a module."""

    delegation_id: Id
    module_code: Code
    deliverable_code: Code
    outcome: AssessmentOutcome
    remarks: Annotated[str, Field(max_length=2000)] | None = None


class AssessmentRead(BaseModel):
    """One look at one deliverable; the latest attempt counts."""

    id: UUID
    delegation_id: UUID
    module_code: str
    deliverable_code: str
    outcome: AssessmentOutcome
    remarks: str | None
    attempt: int
    assessor_sub: str
    assessed_at: datetime
