"""Financing products: what the programme offers, within which limits."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Text
from sqlmodel import Field

from chassis.db import text_enum
from services.financing.tables import Table


class ProductType(StrEnum):
    """How the money flows."""

    CAMPAIGN_CREDIT = "CAMPAIGN_CREDIT"
    INVESTMENT_LOAN = "INVESTMENT_LOAN"
    WORKING_CAPITAL = "WORKING_CAPITAL"


class FinancingProduct(Table, table=True):
    """A product. Its limits are programme policy, not law; delays count working days."""

    __tablename__: ClassVar[str] = "financing_product"
    __table_args__ = (
        CheckConstraint("0 < min_amount_xof and min_amount_xof <= max_amount_xof", name="amounts"),
        CheckConstraint("0 < min_term_months and min_term_months <= max_term_months", name="terms"),
        CheckConstraint("valid_to is null or valid_from < valid_to", name="validity"),
    )

    code: str = Field(primary_key=True)
    type: ProductType = Field(sa_type=text_enum(ProductType))
    name_fr: str
    name_en: str
    lender_categories: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    amortizations: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    min_amount_xof: int = Field(sa_type=BigInteger)
    max_amount_xof: int = Field(sa_type=BigInteger)
    min_term_months: int
    max_term_months: int
    max_grace_months: int
    needs_campaign: bool
    training_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    min_age_months: int
    min_members: int
    min_signatories: int
    max_rounds: int
    ack_days: int
    decision_days: int
    offer_min_days: int
    offer_max_days: int
    contract_days: int
    valid_from: date
    valid_to: date | None

    def is_open(self, on: date) -> bool:
        """Whether applications may be submitted on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)
