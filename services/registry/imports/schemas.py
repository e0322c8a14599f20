"""Imports on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.answers import Described
from chassis.bodies import Incoming
from services.registry.decisions.schemas import DecisionOutcome
from services.registry.fields import Prose
from services.registry.imports.columns import ImportField
from services.registry.imports.states import ImportMode, ImportStatus, RowOutcome

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Encoding = Literal["UTF-8", "WINDOWS-1252"]


class ColumnWrite(Incoming):
    """What a column of the file means; without a field it is left unread."""

    column: Annotated[str, Field(min_length=1, max_length=200)]
    field: ImportField | None = None


class ImportPatch(Incoming):
    """How the file is to be read. Columns that are not named keep the meaning of their title."""

    mode: ImportMode | None = None
    mapping: Annotated[list[ColumnWrite], Field(max_length=200)] | None = None


class ImportDecisionWrite(Incoming):
    """What somebody else than the uploader decides, after having read the report."""

    outcome: DecisionOutcome
    reason: Annotated[str, Field(max_length=2000), Prose] | None = None


class ColumnRead(BaseModel):
    """A column, and the field it is read as; `is_guess`: from its title, by nobody's word."""

    column: str
    field: ImportField | None
    is_guess: bool


class RowCounts(BaseModel):
    """How many rows have which outcome."""

    READY: int = 0
    BLOCKED: int = 0
    UNCHANGED: int = 0
    DIFFERENT: int = 0
    IMPORTED: int = 0


class ImportRead(BaseModel):
    """An import: how the file was understood, what is wrong with it as a whole, how many of its
    rows would enter the register or did."""

    id: UUID
    status: ImportStatus
    mode: ImportMode
    validate_only: bool
    source: str
    media: str
    size: int
    sha256: str
    encoding: str | None
    separator: str | None
    sheet: str | None
    columns: list[ColumnRead]
    findings: list[Described]
    counts: RowCounts
    operation_id: UUID
    created_at: datetime
    decided_at: datetime | None
    allowed_actions: list[str]
    version: int


class ImportSummary(BaseModel):
    """An import in a list."""

    id: UUID
    status: ImportStatus
    mode: ImportMode
    validate_only: bool
    source: str
    sha256: str
    counts: RowCounts
    created_at: datetime
    version: int


class RowFinding(BaseModel):
    """What is wrong or doubtful about a row, and in which column."""

    column: str | None
    pointer: str
    code: str
    severity: Literal["BLOCK", "WARN"]
    message: str
    remedy: str
    params: dict[str, Any]
    law_ref: str | None


class ImportRowRead(BaseModel):
    """A row: what it says in the columns that were read, what was found, what became of it."""

    number: int
    outcome: RowOutcome
    key: str
    said: dict[str, str]
    findings: list[RowFinding]
    cooperative_id: UUID | None
    filing_id: UUID | None
