"""Who read what about whom, and why."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Index, Text, Uuid
from sqlmodel import Field

from chassis.db import text_enum
from services.registry.purposes import PurposeOfUse
from services.registry.tables import Table


class Capacity(StrEnum):
    """As what the reader read."""

    AGENT = "AGENT"
    COOPERATIVE = "COOPERATIVE"
    FILER = "FILER"
    CLIENT = "CLIENT"
    SUBJECT = "SUBJECT"
    DATA_PROTECTION = "DATA_PROTECTION"


class Operation(StrEnum):
    """What was read."""

    FILING = "FILING"
    MEMBERS = "MEMBERS"
    MEMBER = "MEMBER"
    PERSON_MATCHES = "PERSON_MATCHES"
    OWN_DATA = "OWN_DATA"
    DATA_REQUEST = "DATA_REQUEST"


class DataAccess(Table, table=True):
    """One answer that showed personal fields; written with it or the answer is not given.

    `subjects` are members, or the keys of persons of a filing. Never changed; deleted when its
    time is over (see `retention_rule`), and the database sees to both.
    """

    __tablename__: ClassVar[str] = "data_access"
    __table_args__ = (
        Index("ix_data_access_subjects", "subjects", postgresql_using="gin"),
        Index("ix_data_access_at", "at"),
    )

    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    sub: str
    client_id: str
    organisation_id: str
    capacity: Capacity = Field(sa_type=text_enum(Capacity))
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    operation: Operation = Field(sa_type=text_enum(Operation))
    purpose: PurposeOfUse | None = Field(default=None, sa_type=text_enum(PurposeOfUse))
    fields: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    is_whole: bool
    subjects: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    filing_id: UUID | None = None
    cooperative_id: UUID | None = None
    trace_id: str
