"""Reference tables: places and activities, as published (see data/SOURCES.md)."""

from typing import ClassVar

from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field

from services.registry.tables import Table


class Division(Table, table=True):
    """A place: region, département, arrondissement or commune, with all its ancestors."""

    __tablename__: ClassVar[str] = "division"

    code: str = Field(primary_key=True)
    level: str
    parent_code: str
    name: str
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))

    @property
    def region_code(self) -> str:
        """The region of a commune, which numbers its cooperatives."""
        return self.path[-2]

    @property
    def authority_code(self) -> str:
        """The département of a commune: its authority keeps the register (AUSCOOP art. 70)."""
        return self.path[-3]


class CodeEntry(Table, table=True):
    """One code of a flat list, with its labels."""

    __tablename__: ClassVar[str] = "code_entry"

    list_name: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    parent_code: str | None = None
    label_fr: str
    label_en: str
