"""Financing products as callers see them."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

from services.financing.lenders.models import LenderCategory
from services.financing.products.models import FinancingProduct, ProductType
from services.financing.schedules.schemas import Amortization


class Label(BaseModel):
    """A label in the two languages of the contract."""

    fr: str
    en: str


class Limits(BaseModel):
    """What may be asked for; `basis` says whose rule it is."""

    basis: Literal["PROGRAMME_POLICY"] = "PROGRAMME_POLICY"
    min_amount_xof: int
    max_amount_xof: int
    min_term_months: int
    max_term_months: int
    max_grace_months: int
    amortizations: list[Amortization]


class Prerequisites(BaseModel):
    """What a cooperative must have before it may ask."""

    basis: Literal["PROGRAMME_POLICY"] = "PROGRAMME_POLICY"
    training_codes: list[str]
    min_age_months: int
    min_members: int
    needs_campaign: bool
    min_signatories: int


class Delays(BaseModel):
    """What lenders and cooperatives are given: working days to answer, days of validity."""

    basis: Literal["PROGRAMME_POLICY"] = "PROGRAMME_POLICY"
    acknowledgement_working_days: int
    decision_working_days: int
    offer_min_days: int
    offer_max_days: int
    contract_days: int


class ProductRead(BaseModel):
    """A product; `valid_to` is the first day on which it is closed."""

    code: str
    type: ProductType
    name: Label
    lender_categories: list[LenderCategory]
    limits: Limits
    prerequisites: Prerequisites
    delays: Delays
    valid_from: date
    valid_to: date | None


def read_of(row: FinancingProduct) -> ProductRead:
    """The row, ordered for readers."""
    fields = row.model_dump()
    delays = {
        "acknowledgement_working_days": row.ack_days,
        "decision_working_days": row.decision_days,
    }
    return ProductRead(
        **{name: fields[name] for name in ("code", "type", "valid_from", "valid_to")},
        lender_categories=[LenderCategory(name) for name in row.lender_categories],
        name=Label(fr=row.name_fr, en=row.name_en),
        limits=Limits.model_validate(fields),
        prerequisites=Prerequisites.model_validate(fields),
        delays=Delays.model_validate(fields | delays),
    )
