"""Organisations and the persons who act for them."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field

from gateway.tables import Table


class Organisation(Table, table=True):
    """Whoever owns cooperatives, applications or decisions; its id is opaque (`org-…`)."""

    __tablename__: ClassVar[str] = "organisation"

    id: str = Field(primary_key=True)
    name: str
    is_demo: bool = False
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class Account(Table, table=True):
    """A person who may sign in; `id` is the `sub` of their tokens, roles give the scopes."""

    __tablename__: ClassVar[str] = "account"

    id: str = Field(primary_key=True)
    username: str = Field(unique=True)
    password_hash: str
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    territory: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    lender_id: str | None = None
    is_active: bool = True
    is_demo: bool = False
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
