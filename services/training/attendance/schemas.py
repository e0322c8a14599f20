"""Attendance on the wire."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.answers import Described
from chassis.bodies import Incoming
from chassis.fields import Id
from services.training.fields import Instant, Reason, Ref


class Presence(StrEnum):
    """What was seen."""

    PRESENT = "PRESENT"
    LATE = "LATE"
    LEFT_EARLY = "LEFT_EARLY"
    ABSENT = "ABSENT"
    EXCUSED = "EXCUSED"

    @property
    def is_there(self) -> bool:
        """Whether the learner was there at all."""
        return self in (Presence.PRESENT, Presence.LATE, Presence.LEFT_EARLY)


class Method(StrEnum):
    """How it was captured."""

    QR = "QR"
    MANUAL = "MANUAL"
    PAPER = "PAPER"
    SMS_CODE = "SMS_CODE"
    IMPORT = "IMPORT"


class AttendanceWrite(Incoming):
    """One observation. A correction names what it corrects and says why."""

    client_event_id: Id
    enrolment_id: Id
    slot_id: Id
    status: Presence
    minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    method: Method
    captured_at: Instant
    device_id: Ref | None = None
    supersedes: Id | None = None
    reason: Reason | None = None


class AttendanceBatch(Incoming):
    """Observations of one session, in any order, as often as the network makes it necessary."""

    training_session_id: Id
    events: Annotated[list[AttendanceWrite], Field(min_length=1, max_length=500)]


class AttendanceResult(BaseModel):
    """What became of one observation: `status` is 201 recorded, 202 recorded but in conflict with
    another, 409 or 422 refused (see `errors`). The same observation always gets the same answer."""

    client_event_id: UUID
    status: int
    warnings: list[str] = []
    errors: list[Described] = []


class AttendanceAnswer(BaseModel):
    """One result for each observation, in the order of the request."""

    results: list[AttendanceResult]


class CellRead(BaseModel):
    """One learner in one slot."""

    enrolment_id: UUID
    slot_id: UUID
    status: Presence | None
    minutes: int
    has_conflict: bool


class AttendanceSheet(BaseModel):
    """What all observations of a session say together."""

    training_session_id: UUID
    cells: list[CellRead]
    has_conflicts: bool
