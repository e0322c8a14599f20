"""Which cooperatives belong to which apex body, now: drawn from the records of the apex bodies."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.registry.tables import Table


class Affiliation(Table, table=True):
    """A cooperative in an apex body. `vocation` is a union's principal activity; other bodies have
    none here, since only unions exclude one another."""

    __tablename__: ClassVar[str] = "affiliation"
    __table_args__ = (
        # One union of the same vocation (AUSCOOP art. 133 ff., R7).
        Index(
            "uq_affiliation_vocation",
            "cooperative_id",
            "vocation",
            unique=True,
            postgresql_where=text("vocation is not null"),
        ),
    )

    apex_id: UUID = Field(primary_key=True, foreign_key="cooperative.id")
    cooperative_id: UUID = Field(primary_key=True, foreign_key="cooperative.id")
    vocation: str | None = None
