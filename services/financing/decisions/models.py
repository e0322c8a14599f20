"""Lenders' decisions: immutable, with the bytes and the signature that made them."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.db import text_enum
from chassis.tables import Xid8
from services.financing.tables import Table


class DecisionType(StrEnum):
    """What a lender decides; a conditional offer has conditions precedent."""

    OFFER = "OFFER"
    CONDITIONAL_OFFER = "CONDITIONAL_OFFER"
    REJECT = "REJECT"


class LenderDecision(Table, table=True):
    """One decision. `payload` are the very bytes that the lender signed; `answer` is what it was
    told, byte for byte."""

    __tablename__: ClassVar[str] = "lender_decision"
    __table_args__ = (
        UniqueConstraint("lender_id", "lender_decision_ref", name="uq_lender_decision_ref"),
        UniqueConstraint("supersedes_id", name="uq_lender_decision_supersedes_id"),
        Index("ix_lender_decision_assignment_id", "assignment_id"),
        Index("ix_lender_decision_application_id", "application_id"),
        Index("ix_lender_decision_xid_pos", "xid", "pos"),
    )

    id: UUID = Field(primary_key=True)
    xid: Any = Field(
        default=None,
        sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    )
    pos: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False)
    )
    assignment_id: UUID = Field(foreign_key="assignment.id")
    application_id: UUID
    lender_id: UUID
    lender_decision_ref: str
    type: DecisionType = Field(sa_type=text_enum(DecisionType))
    terms: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True)))
    computed: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True)))
    reason_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    reason_text: str | None
    prepared_by: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    approved_by: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    committee_ref: str | None
    dossier_sha256: str
    supersedes_id: UUID | None
    decided_at: datetime = Field(sa_type=DateTime(timezone=True))
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    payload_sha256: str
    fingerprint: str
    jws: str
    kid: str
    # with it the signature can be checked for ever, whatever becomes of the lender's keys
    jwk: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    receipt: str
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
