"""Law as data: effective-dated, cited rows; what is not confirmed is there, but off."""

from datetime import date
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.registry.tables import Table


class LawRule(Table, table=True):
    """One rule, for one legal form (or any), over one period."""

    __tablename__: ClassVar[str] = "law_rule"
    __table_args__ = (
        CheckConstraint("severity in ('BLOCK', 'WARN')", name="severity"),
        CheckConstraint("confidence in ('A', 'B', 'C', 'M', 'U')", name="confidence"),
        # A rule from memory, or one that could not be found, must never bind anybody.
        CheckConstraint("not (is_on and confidence in ('M', 'U'))", name="confirmed"),
    )

    rule: str = Field(primary_key=True)
    legal_form: str = Field(primary_key=True, description="empty: any form")
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    code: str
    value: str
    severity: str
    law_ref: str | None = None
    confidence: str
    is_on: bool
    note: str
