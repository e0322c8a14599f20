"""The cost of terms, held against the law."""

from datetime import date

from chassis.db import AsyncSession
from chassis.errors import Finding
from services.financing.ceilings.models import RateCeiling
from services.financing.ceilings.service import in_force
from services.financing.lenders.models import Lender
from services.financing.rates.errors import TegNotComputable
from services.financing.schedules.errors import AmountOutOfRange, ScheduleNotAmortising
from services.financing.schedules.schemas import InstallmentRead
from services.financing.terms.rules import Cost, cost_of, exceeds, verdict
from services.financing.terms.schemas import CeilingVerdict, Computed, Terms

_CODES: dict[type[ValueError], str] = {
    ScheduleNotAmortising: "SCHEDULE_NOT_AMORTISING",
    AmountOutOfRange: "AMOUNT_OUT_OF_RANGE",
    TegNotComputable: "TEG_NOT_COMPUTABLE",
}


def priced(terms: Terms) -> tuple[Cost | None, list[Finding]]:
    """The cost of `terms`, or why it has none."""
    try:
        return cost_of(terms), []
    except tuple(_CODES) as error:
        return None, [Finding(code=_CODES[type(error)], pointer="/terms")]


async def lawful(
    session: AsyncSession, cost: Cost, lender: Lender, on: date
) -> tuple[RateCeiling, list[Finding]]:
    """The ceiling on the day of stipulation and, above it, the finding.

    Raises `CeilingUnavailable` when no ceiling is known.
    """
    ceiling = await in_force(session, lender.category, on)
    try:
        is_usury = exceeds(cost, ceiling)
    except TegNotComputable:
        return ceiling, [Finding(code="TEG_NOT_COMPUTABLE", pointer="/terms")]
    return ceiling, [_usury(cost, ceiling)] if is_usury else []


def _usury(cost: Cost, ceiling: RateCeiling) -> Finding:
    rate = cost.teg_percent(ceiling.convention)
    return Finding(
        code="USURY_CEILING_EXCEEDED",
        pointer="/terms",
        params={
            "teg_percent": f"{rate:.4f}",
            "ceiling_percent": f"{ceiling.max_rate_percent:.2f}",
            "convention": ceiling.convention.value,
            "legal_ref": ceiling.legal_ref,
            "total_interest_xof": cost.schedule.total_interest_xof,
            "total_cost_xof": cost.schedule.total_cost_xof,
        },
        law_ref=ceiling.legal_ref,
    )


def computed(cost: Cost, ceiling: RateCeiling, on: date) -> Computed:
    """Our reckoning, for the lender, the cooperative and the record."""
    schedule = cost.schedule
    return Computed(
        installments=[InstallmentRead.model_validate(row) for row in schedule.installments],
        total_interest_xof=schedule.total_interest_xof,
        total_cost_xof=schedule.total_cost_xof,
        teg_proportional_percent=cost.rates.teg_proportional_percent,
        teg_effective_percent=cost.rates.teg_effective_percent,
        ceiling=CeilingVerdict.model_validate(verdict(cost, ceiling, on)),
    )
