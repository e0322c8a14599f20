"""Applications, and what people did with them; acts are never changed."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.financing.applications.states import OPEN, Status
from services.financing.tables import Table

_IS_OPEN = f"status in ({', '.join(repr(status.value) for status in sorted(OPEN))})"


def _json(*, nullable: bool = True) -> Column[Any]:
    return Column(JSONB(none_as_null=True), nullable=nullable)


class Application(Table, table=True):
    """A cooperative asks for money. `dossier` is what lenders will study, as it was submitted."""

    __tablename__: ClassVar[str] = "application"
    __table_args__ = (
        Index(
            "uq_application_open",
            "cooperative_id",
            "product_code",
            "purpose_key",
            unique=True,
            postgresql_where=text(_IS_OPEN),
        ),
        Index(
            "uq_application_external_ref",
            "organisation_id",
            "external_ref",
            unique=True,
            postgresql_where=text("external_ref is not null"),
        ),
        Index("ix_application_path", "path", postgresql_using="gin"),
        Index(
            "ix_application_corrections_due_at",
            "corrections_due_at",
            postgresql_where=text("status = 'CHANGES_REQUESTED'"),
        ),
        CheckConstraint(
            "status in ('DRAFT', 'WITHDRAWN', 'CANCELLED') or dossier_sha256 is not null",
            name="dossier",
        ),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    status: Status = Field(sa_type=text_enum(Status), default=Status.DRAFT)
    cooperative_id: UUID = Field(foreign_key="known_cooperative.id", index=True)
    organisation_id: str = Field(index=True)
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    product_code: str = Field(foreign_key="financing_product.code")
    purpose: str
    purpose_key: str
    amount_requested_xof: int = Field(sa_type=BigInteger)
    term_months: int
    grace_months: int
    sector_code: str | None
    expected_start_on: date | None
    campaign: dict[str, Any] | None = Field(sa_column=_json())
    own_contribution_xof: int | None = Field(sa_type=BigInteger)
    ag_resolution: dict[str, Any] | None = Field(sa_column=_json())
    consents: dict[str, bool] = Field(sa_column=_json(nullable=False))
    external_ref: str | None
    round: int = 0
    dossier: dict[str, Any] | None = Field(default=None, sa_column=_json())
    dossier_sha256: str | None = None
    corrections_due_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    created_by: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    submitted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    version: int = 1

    @property
    def studied(self) -> tuple[dict[str, Any], str]:
        """The dossier of the last submission and its hash; `LookupError` before the first."""
        if self.dossier is None or self.dossier_sha256 is None:
            raise LookupError(f"{self.reference} was never submitted")
        return self.dossier, self.dossier_sha256


class ActKind(StrEnum):
    """What somebody did."""

    SUBMISSION = "SUBMISSION"
    REVIEW = "REVIEW"
    ELIGIBILITY_DECISION = "ELIGIBILITY_DECISION"
    APPEAL = "APPEAL"
    TRANSMISSION = "TRANSMISSION"
    INFORMATION_ANSWER = "INFORMATION_ANSWER"
    ACCEPTANCE = "ACCEPTANCE"
    WITHDRAWAL = "WITHDRAWAL"


class ApplicationAct(Table, table=True):
    """One step of an application: who, when, and what was said."""

    __tablename__: ClassVar[str] = "application_act"

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(
        sa_column=Column(ForeignKey("application.id"), nullable=False, index=True)
    )
    kind: ActKind = Field(sa_type=text_enum(ActKind))
    by_sub: str
    at: datetime = Field(sa_type=DateTime(timezone=True))
    said: dict[str, Any] = Field(sa_column=_json(nullable=False))
