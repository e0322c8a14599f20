"""Financings, their schedules, and what lenders report of them; reports are never changed."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from services.financing.financings.states import Status
from services.financing.tables import Table


class Financing(Table, table=True):
    """What the cooperative accepted and the lender pays out. `due_xof` is what the current schedule
    asks in all; `paid_xof` what was repaid of it."""

    __tablename__: ClassVar[str] = "financing"
    __table_args__ = (
        CheckConstraint("disbursed_xof between 0 and approved_xof", name="drawn"),
        CheckConstraint("paid_xof between 0 and due_xof", name="paid"),
        Index(
            "uq_financing_open",
            "application_id",
            unique=True,
            postgresql_where=text("status <> 'CANCELLED'"),
        ),
        Index(
            "uq_financing_contract_ref",
            "lender_id",
            "contract_ref",
            unique=True,
            postgresql_where=text("contract_ref is not null"),
        ),
        Index("ix_financing_path", "path", postgresql_using="gin"),
        Index(
            "ix_financing_contract_due_at",
            "contract_due_at",
            postgresql_where=text("status = 'ACCEPTED'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="application.id")
    offer_id: UUID = Field(foreign_key="offer.id")
    cooperative_id: UUID = Field(index=True)
    organisation_id: str = Field(index=True)
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    lender_id: UUID = Field(foreign_key="lender.id", index=True)
    product_code: str
    status: Status = Field(sa_type=text_enum(Status), default=Status.ACCEPTED)
    approved_xof: int = Field(sa_type=BigInteger)
    disbursed_xof: int = Field(default=0, sa_type=BigInteger)
    due_xof: int = Field(default=0, sa_type=BigInteger)
    paid_xof: int = Field(default=0, sa_type=BigInteger)
    terms: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    accepted_at: datetime = Field(sa_type=DateTime(timezone=True))
    contract_due_at: datetime = Field(sa_type=DateTime(timezone=True))
    contract_ref: str | None = None
    signed_on: date | None = None
    version: int = 1


class FinancingSchedule(Table, table=True):
    """One version of a repayment schedule; one is current."""

    __tablename__: ClassVar[str] = "financing_schedule"
    __table_args__ = (
        UniqueConstraint("financing_id", "number"),
        Index(
            "uq_financing_schedule_current",
            "financing_id",
            unique=True,
            postgresql_where=text("is_current"),
        ),
    )

    id: UUID = Field(primary_key=True)
    financing_id: UUID = Field(foreign_key="financing.id")
    number: int
    is_current: bool = True
    reason: str
    disbursed_on: date
    computed: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    made_at: datetime = Field(sa_type=DateTime(timezone=True))


class Disbursement(Table, table=True):
    """Money paid out, as the lender reports it; `answer` is what it was told."""

    __tablename__: ClassVar[str] = "disbursement"
    __table_args__ = (UniqueConstraint("lender_id", "external_ref", name="uq_disbursement_ref"),)

    id: UUID = Field(primary_key=True)
    financing_id: UUID = Field(foreign_key="financing.id", index=True)
    lender_id: UUID
    external_ref: str
    amount_xof: int = Field(sa_type=BigInteger)
    disbursed_on: date
    reported_at: datetime = Field(sa_type=DateTime(timezone=True))
    reported_by: str
    fingerprint: str
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Repayment(Table, table=True):
    """Money paid back, and which parts of which instalments it paid."""

    __tablename__: ClassVar[str] = "repayment"
    __table_args__ = (UniqueConstraint("lender_id", "external_ref", name="uq_repayment_ref"),)

    id: UUID = Field(primary_key=True)
    financing_id: UUID = Field(foreign_key="financing.id", index=True)
    lender_id: UUID
    external_ref: str
    amount_xof: int = Field(sa_type=BigInteger)
    paid_on: date
    allocation: list[dict[str, int]] = Field(sa_column=Column(JSONB, nullable=False))
    reported_at: datetime = Field(sa_type=DateTime(timezone=True))
    reported_by: str
    fingerprint: str
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
