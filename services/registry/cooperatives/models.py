"""Cooperatives as the register holds them, now and at every moment before."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Computed, DateTime, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import BLIND, SEALED
from services.registry.cooperatives.states import CpsStatus, EssStatus, LegalRegistration, Life
from services.registry.fields import LegalForm, MemberKind, Sex
from services.registry.tables import Table

_SHOWN = (
    "id, registration_number, name, legal_form, life, legal_registration, cps_status,"
    " commune_code, path, sector_codes, cps_tags, members_count, women_count, registered_on,"
    " version"
)


class Cooperative(Table, table=True):
    """The present: what lists and search look at. It only ever changes with a new version."""

    __tablename__: ClassVar[str] = "cooperative"
    __table_args__ = (
        # One name under one authority, among the living (R10).
        Index(
            "uq_cooperative_name",
            "authority_code",
            "name_key",
            unique=True,
            postgresql_where=text("life in ('REGISTERED', 'IN_LIQUIDATION')"),
        ),
        Index(
            "ix_cooperative_name_trgm",
            "name_key",
            postgresql_using="gin",
            postgresql_ops={"name_key": "gin_trgm_ops"},
        ),
        # One RSC number under one authority, among the living (R32).
        Index(
            "uq_cooperative_rsc",
            "rsc_key",
            unique=True,
            postgresql_where=text("life in ('REGISTERED', 'IN_LIQUIDATION')"),
        ),
        Index("ix_cooperative_words", "words", postgresql_using="gin"),
        Index("ix_cooperative_path", "path", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    registration_number: str = Field(unique=True)
    organisation_id: str = Field(index=True)
    initiative_id: UUID | None = Field(default=None, unique=True)
    name: str
    name_key: str
    words: Any = Field(
        default=None,
        sa_column=Column(TSVECTOR, Computed("to_tsvector('simple', name_key)", persisted=True)),
    )
    # what a list shows, as the wire shows it; see the migration for the function
    summary: str | None = Field(
        default=None,
        sa_column=Column(Text, Computed(f"cooperative_summary({_SHOWN})", persisted=True)),
    )
    legal_form: LegalForm = Field(sa_type=text_enum(LegalForm))
    life: Life = Field(sa_type=text_enum(Life), default=Life.REGISTERED)
    legal_registration: LegalRegistration = Field(
        sa_type=text_enum(LegalRegistration), default=LegalRegistration.NOT_REGISTERED
    )
    cps_status: CpsStatus = Field(sa_type=text_enum(CpsStatus), default=CpsStatus.OUTSIDE)
    ess_status: EssStatus = Field(sa_type=text_enum(EssStatus), default=EssStatus.NOT_REQUESTED)
    commune_code: str | None = None  # of the seat, once somebody states it
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    authority_code: str
    object: str | None = None
    common_bond: str | None = None
    sector_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    cps_tags: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    share_value_xof: int | None = Field(default=None, sa_type=BigInteger)
    capital_xof: int | None = Field(default=None, sa_type=BigInteger)
    rsc_key: str | None = Field(default=None, description="authority and number, folded")
    # nobody stated it where it is null; then it is not known to be none
    members_count: int | None = None
    women_count: int | None = None
    men_count: int | None = None
    registered_on: date
    version: int = 1


class Member(Table, table=True):
    """A person who is or was a member. Number, telephone and birth date are sealed; since when,
    until when and with how many shares: see `Membership`."""

    __tablename__: ClassVar[str] = "member"
    __table_args__ = (
        # The same person once (R35), found by a keyed hash that cannot be searched back.
        Index(
            "uq_member_nin",
            "cooperative_id",
            "nin_blind",
            unique=True,
            postgresql_where=text("left_on is null"),
        ),
        # the same person in another cooperative, for agents
        Index("ix_member_nin_blind", "nin_blind", postgresql_where=text("nin_blind is not null")),
    )

    id: UUID = Field(primary_key=True)
    cooperative_id: UUID = Field(foreign_key="cooperative.id", index=True)
    client_ref: str
    kind: MemberKind = Field(
        sa_type=text_enum(MemberKind),
        default=MemberKind.NATURAL,
        sa_column_kwargs={"server_default": "NATURAL"},
    )
    family_name: str
    given_names: str
    sex: Sex = Field(sa_type=text_enum(Sex))
    birth_year: int | None = None
    birth_date_sealed: str | None = Field(default=None, sa_column_kwargs=SEALED)
    nin_sealed: str | None = Field(default=None, sa_column_kwargs=SEALED)
    nin_blind: str | None = Field(default=None, sa_column_kwargs=BLIND)
    phone_sealed: str | None = Field(default=None, sa_column_kwargs=SEALED)
    left_on: date | None = None
    # chance, gone with the person: nobody who is forgotten is guessed from what was noted of them
    blur: UUID | None = Field(
        default=None,
        sa_column=Column(Uuid, nullable=True, server_default=text("gen_random_uuid()")),
    )


class Certificate(Table, table=True):
    """A certificate of registration, as issued: signed, and never changed."""

    __tablename__: ClassVar[str] = "certificate"

    id: UUID = Field(primary_key=True)
    cooperative_id: UUID = Field(foreign_key="cooperative.id", index=True)
    filing_id: UUID = Field(foreign_key="filing.id", unique=True)
    verification_code: str = Field(unique=True)
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    credential: str
    kid: str
    issued_at: datetime = Field(sa_type=DateTime(timezone=True))
