"""How long personal data is kept."""

from typing import ClassVar

from sqlmodel import Field

from services.registry.tables import Table


class RetentionRule(Table, table=True):
    """A period, in days. No text fixes any: each is a proposal until the ministry and the data
    protection authority confirm it, and is changed here and not in the code."""

    __tablename__: ClassVar[str] = "retention_rule"

    code: str = Field(primary_key=True)
    days: int = Field(gt=0)
    confidence: str
    is_on: bool
    note: str
