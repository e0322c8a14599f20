"""Places, as published by ANSD (see data/SOURCES.md)."""

from typing import ClassVar

from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from services.training.tables import Table


class Division(Table, table=True):
    """A region, département, arrondissement or commune; `path` is itself and all above it."""

    __tablename__: ClassVar[str] = "division"

    code: str = Field(primary_key=True)
    level: str
    parent_code: str
    name: str
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
