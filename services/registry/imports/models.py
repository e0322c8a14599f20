"""Imports as they are kept: the file while it is open, its rows, and what every row became."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import SEALED
from services.registry.imports.states import ImportMode, ImportStatus, RowOutcome
from services.registry.tables import Table


def _list_of_texts() -> Any:
    return Field(sa_column=Column(ARRAY(Text), nullable=False))


def _json(default: Any) -> Any:
    return Field(default_factory=default, sa_column=Column(JSONB, nullable=False))


def _instant() -> Any:
    return Field(default=None, sa_type=DateTime(timezone=True))


class Import(Table, table=True):
    """A file on its way into the register. Who uploads does not decide."""

    __tablename__: ClassVar[str] = "import"
    __table_args__ = (
        CheckConstraint("decided_by <> all (filers)", name="four_eyes"),
        CheckConstraint(
            "status not in ('APPLYING', 'APPLIED', 'ABORTED') or not validate_only", name="dry"
        ),
        Index("ix_import_path", "path", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    status: ImportStatus = Field(sa_type=text_enum(ImportStatus), default=ImportStatus.CHECKING)
    mode: ImportMode = Field(sa_type=text_enum(ImportMode))
    validate_only: bool
    source: str
    organisation_id: str
    created_by: str
    # everyone who uploaded it or changed how it is read: none of them decides on it
    filers: list[str] = _list_of_texts()
    # where the rows of whoever uploaded it may lie, and who may see it
    territories: list[str] = _list_of_texts()
    path: list[str] = _list_of_texts()
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    media: str
    size: int
    sha256: str
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    mapping: list[dict[str, Any]] | None = Field(default=None, sa_type=JSONB)
    columns: list[dict[str, Any]] = _json(list)
    findings: list[dict[str, Any]] = _json(list)
    counts: dict[str, int] = _json(dict)
    staged_through: int = 0
    applied_through: int = 0
    operation_id: UUID = Field(foreign_key="operation.id")
    lease: UUID | None = None
    attempts: int = 0  # to go on, since the last time that something was done
    leased_until: datetime | None = _instant()
    decided_by: str | None = None
    decided_at: datetime | None = _instant()
    reason: str | None = None
    version: int = 1


class ImportPiece(Table, table=True):
    """A piece of the file, sealed: lists of this kind name persons. Gone when the import closes."""

    __tablename__: ClassVar[str] = "import_piece"

    import_id: UUID = Field(foreign_key="import.id", primary_key=True)
    number: int = Field(primary_key=True)
    sealed: str = Field(sa_column_kwargs=SEALED)


class ImportRow(Table, table=True):
    """A row of the file: what it says in the columns that have a meaning here, and nothing else."""

    __tablename__: ClassVar[str] = "import_row"
    __table_args__ = (
        Index("ix_import_row_outcome", "import_id", "outcome", "number"),
        Index("ix_import_row_key", "import_id", "key"),
        Index("ix_import_row_name", "import_id", "name_key", "authority_code"),
    )

    import_id: UUID = Field(foreign_key="import.id", primary_key=True)
    number: int = Field(primary_key=True)
    key: str
    digest: str
    name_key: str | None = None
    authority_code: str | None = None
    said: dict[str, str] = _json(dict)
    entry: dict[str, Any] = _json(dict)
    findings: list[dict[str, Any]] = _json(list)
    outcome: RowOutcome = Field(sa_type=text_enum(RowOutcome))
    cooperative_id: UUID | None = None
    filing_id: UUID | None = None


class ImportedRow(Table, table=True):
    """What a row of a source once became: the same row again makes nothing new."""

    __tablename__: ClassVar[str] = "imported_row"

    source: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: str
    said: dict[str, str] = _json(dict)
    cooperative_id: UUID = Field(
        sa_column=Column(ForeignKey("cooperative.id"), nullable=False, unique=True)
    )
    filing_id: UUID = Field(foreign_key="filing.id")
    import_id: UUID = Field(foreign_key="import.id", index=True)
    number: int


class CooperativeIdentifier(Table, table=True):
    """A number that somebody else gave (NINEA, RCCM, récépissé, agrément, RSC); found here when
    another row or record claims it."""

    __tablename__: ClassVar[str] = "cooperative_identifier"
    __table_args__ = (Index("ix_cooperative_identifier_number", "number", "scheme"),)

    id: UUID = Field(primary_key=True)
    cooperative_id: UUID = Field(foreign_key="cooperative.id", index=True)
    filing_id: UUID = Field(foreign_key="filing.id")
    scheme: str
    number: str
