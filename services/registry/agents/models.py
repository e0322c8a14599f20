"""Agents, as far as the registry knows them: what their last token or the gateway said."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field

from services.registry.tables import Table


class Agent(Table, table=True):
    """Somebody who works on filings; a name in the directory of the gateway, and no person's data.

    Who has left, or lost the territory or the scope, holds nothing from that moment on: every
    query that asks who holds a file asks this table too.
    """

    __tablename__: ClassVar[str] = "agent"

    sub: str = Field(primary_key=True)
    organisation_id: str
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    territories: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    seen_at: datetime = Field(sa_type=DateTime(timezone=True))
    # when the gateway last changed what they may: no older token says otherwise after that
    told_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
