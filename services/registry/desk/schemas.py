"""The desk on the wire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.bodies import Incoming
from services.registry.desk.states import Clock, Stage, StepKind
from services.registry.fields import Code, Prose, Ref
from services.registry.filings.states import FilingStatus

Reason = Annotated[str, Field(min_length=3, max_length=500), Prose]


class AssignmentKind(StrEnum):
    """Take a file, give it to a colleague, or put it back."""

    TAKE = "TAKE"
    ASSIGN = "ASSIGN"
    RELEASE = "RELEASE"


class AssignmentWrite(Incoming):
    """Who holds the file from now on. `agent_id` for ASSIGN alone; a reason where the file is
    taken out of a colleague's hands."""

    kind: AssignmentKind
    agent_id: Ref | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _names_who_receives(self) -> "AssignmentWrite":
        if (self.kind == AssignmentKind.ASSIGN) != (self.agent_id is not None):
            raise PydanticCustomError("AGENT_ID_MISPLACED", "agent_id goes with ASSIGN")
        return self


class TransferWrite(Incoming):
    """Which authority works on the file from now on, and why: its filers read the reason."""

    authority_code: Code
    reason: Reason


class WorkRole(StrEnum):
    """Who a person is to a file."""

    FILER = "FILER"
    INSTRUCTOR = "INSTRUCTOR"
    VALIDATOR = "VALIDATOR"
    REGISTRAR = "REGISTRAR"


class AgentHolder(BaseModel):
    """Who holds a file, for colleagues."""

    agent_id: str
    organisation_id: str
    is_me: bool
    since: datetime


class WorkItemRead(BaseModel):
    """A file on the desk. `due_on` is null while the filer is asked."""

    filing_id: UUID
    type: str
    status: FilingStatus
    stage: Stage
    subject: str
    organisation_id: str
    authority_code: str
    arrival_number: str
    arrived_at: datetime
    clock: Clock
    due_on: date | None
    total_due_on: date
    is_overdue: bool
    holder: AgentHolder | None
    returned_count: int
    version: int


class Assigned(BaseModel):
    """Where the file is after an act of the desk. The answer is kept: no free text."""

    filing_id: UUID
    stage: Stage
    holder_id: str | None
    authority_code: str
    due_on: date | None
    total_due_on: date
    version: int


class Holder(BaseModel):
    """Who works on a file, for its filers: a function and an office, never a name."""

    role: WorkRole
    authority_code: str
    since: datetime
    until: date | None


class Progress(BaseModel):
    """Where a file is, who holds it, and until when. The targets are a proposal, no law."""

    filing_id: UUID
    status: FilingStatus
    stage: Stage | None
    waiting_for: WorkRole | None
    authority_code: str | None
    holder: Holder | None
    clock: Clock
    due_on: date | None
    total_due_on: date | None
    is_overdue: bool
    stopped_days: float
    returned_count: int
    targets_are_law: bool = False


class StepRead(BaseModel):
    """One step of a file. `agent_id` is told to agents alone."""

    id: UUID
    kind: StepKind
    stage: Stage
    by: WorkRole
    authority_code: str
    due_on: date | None
    reason: str | None
    agent_id: str | None
    holder_id: str | None
    at: datetime
