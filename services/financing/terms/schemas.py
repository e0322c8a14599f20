"""The terms of a loan, as lenders offer and sign them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from chassis.bodies import Incoming
from chassis.fields import Instant
from services.financing.rates.schemas import MAX_XOF, Percent
from services.financing.schedules.schemas import (
    AnnualRate,
    Fee,
    FeeMoment,
    InstallmentRead,
    ScheduleRequest,
)

Code = Annotated[str, Field(max_length=40, pattern=r"^[A-Z][A-Z0-9_]*$")]
Cost = Annotated[int, Field(ge=0, le=MAX_XOF)]


class Guarantee(Incoming):
    """A guarantee. What it costs the borrower (`commission_xof`) counts in the TEG (décision
    CM/UMOA/009/06/2013 art. 3)."""

    model_config = ConfigDict(frozen=True)

    type: Code
    quota_percent: AnnualRate | None = None
    commission_xof: Cost = 0

    @field_validator("quota_percent")
    @classmethod
    def _at_most_all(cls, quota: str | None) -> str | None:
        if quota is not None and Decimal(quota) > 100:
            raise PydanticCustomError("PERCENT_OUT_OF_RANGE", "A quota is at most 100 percent.")
        return quota


class Condition(Incoming):
    """Something to be done before the money is paid out."""

    model_config = ConfigDict(frozen=True)

    code: Code
    text: Annotated[str, Field(min_length=1, max_length=1000)]


class Terms(ScheduleRequest):
    """A loan with all that it costs; `disbursed_on` is the planned day. `compulsory_savings_xof`
    is held back at disbursement and returned with the last instalment."""

    compulsory_savings_xof: Cost = 0
    guarantees: Annotated[list[Guarantee], Field(default_factory=list, max_length=20)]
    conditions_precedent: Annotated[list[Condition], Field(default_factory=list, max_length=50)]
    declared_teg_percent: AnnualRate | None = None

    def with_commissions(self) -> Self:
        """The same loan, with the commissions of guarantees among its fees."""
        commissions = [
            Fee(
                code=f"GUARANTEE_{guarantee.type}",
                amount_xof=guarantee.commission_xof,
                at=FeeMoment.DISBURSEMENT,
            )
            for guarantee in self.guarantees
            if guarantee.commission_xof
        ]
        return self.model_copy(update={"fees": [*self.fees, *commissions]})


class OfferTerms(Terms):
    """Terms that the cooperative may accept until `valid_until`."""

    valid_until: Instant


class CeilingVerdict(BaseModel):
    """What was compared with what; a rate above the ceiling never becomes an offer."""

    lender_category: str
    ceiling_percent: str
    convention: str
    is_convention_confirmed: bool
    teg_percent: str | None
    legal_ref: str
    on: date
    verdict: str


class Computed(BaseModel):
    """Our own reckoning of the lender's terms, from everything that the borrower pays."""

    installments: list[InstallmentRead]
    total_interest_xof: int
    total_cost_xof: int
    teg_proportional_percent: Percent | None
    teg_effective_percent: Percent
    ceiling: CeilingVerdict
