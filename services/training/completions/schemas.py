"""Results on the wire."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Incoming
from chassis.fields import Id


class CompletionOutcome(StrEnum):
    """Whether a group achieved what its programme asks, or took part, or neither."""

    ACHIEVED = "ACHIEVED"
    PARTICIPATED = "PARTICIPATED"
    NOT_MET = "NOT_MET"


class CompletionDecisionWrite(Incoming):
    """Of whom to decide; the outcome follows from the rule, nobody types it."""

    delegation_id: Id


class CompletionDecisionRead(BaseModel):
    """What was decided, and all that it was decided from (`inputs`); no person is named."""

    id: UUID
    delegation_id: UUID
    training_session_id: UUID
    outcome: CompletionOutcome
    inputs: dict[str, Any]
    members_trained: int
    women_trained: int
    youth_trained: int
    decided_on: date
    decided_by: str
