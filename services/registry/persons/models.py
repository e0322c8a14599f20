"""The keys of persons."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, text
from sqlmodel import Field

from services.registry.tables import Table


class PersonKey(Table, table=True):
    """One person's own key, wrapped by the vault. Without `wrapped` it is gone for ever, and so is
    everything that it sealed; the row stays to say so.

    A person of a filing is known by `ref` in it; when the filing makes a member of them, the key
    says so too, so that one erasure reaches both. The key of a filing without `ref` is nobody's:
    it seals what is written about the filing.
    """

    __tablename__: ClassVar[str] = "person_key"
    __table_args__ = (
        CheckConstraint("(wrapped is null) = (erased_at is not null)", name="erased"),
        CheckConstraint("(wrapped is null) = (kek is null)", name="wrapped_by"),
        CheckConstraint("filing_id is not null or member_id is not null", name="somebodys"),
        Index(
            "ix_person_key_filing_id",
            "filing_id",
            postgresql_where=text("filing_id is not null"),
        ),
        Index(
            "ix_person_key_member_id",
            "member_id",
            postgresql_where=text("member_id is not null"),
        ),
    )

    id: UUID = Field(primary_key=True)
    wrapped: bytes | None = None
    kek: str | None = None
    filing_id: UUID | None = None
    ref: str | None = None
    member_id: UUID | None = None
    sealed_at: datetime = Field(sa_type=DateTime(timezone=True))
    erased_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
