"""Usury ceilings, effective-dated: the law as rows."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Numeric, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from chassis.db import text_enum
from services.financing.lenders.models import LenderCategory
from services.financing.rates.rules import Convention
from services.financing.tables import Table


class Confidence(StrEnum):
    """CONFIRMED: the decision itself, or several sources. PRESS: newspapers only."""

    CONFIRMED = "CONFIRMED"
    PRESS = "PRESS"


class RateCeiling(Table, table=True):
    """The highest lawful TEG of a category of lenders from `valid_from` until before `valid_to`.

    The decree that says how a TEG is annualised (décret 95-1004) could not be read: `convention`
    is configuration until the legal service confirms it.
    """

    __tablename__: ClassVar[str] = "rate_ceiling"
    __table_args__ = (
        CheckConstraint("max_rate_percent > 0", name="positive"),
        ExcludeConstraint(
            ("lender_category", "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_rate_ceiling_one_at_a_time",
            using="gist",
        ),
    )

    id: UUID = Field(primary_key=True)
    lender_category: LenderCategory = Field(sa_type=text_enum(LenderCategory))
    max_rate_percent: Decimal = Field(sa_type=Numeric(7, 4))
    convention: Convention = Field(sa_type=text_enum(Convention))
    is_convention_confirmed: bool
    valid_from: date | None
    valid_to: date | None
    legal_ref: str
    source: str
    confidence: Confidence = Field(sa_type=text_enum(Confidence))
