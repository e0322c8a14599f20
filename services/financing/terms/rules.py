"""What terms cost, by both conventions, and whether that is lawful: pure functions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.financing.ceilings.models import RateCeiling
from services.financing.rates.rules import Convention, Flow, Rates, compute_rates
from services.financing.schedules.calendar import moments_of, periods_of, periods_per_year
from services.financing.schedules.rules import Schedule, build_schedule
from services.financing.schedules.schemas import FeeMoment
from services.financing.terms.schemas import Terms

TOLERATED, REFUSED = Decimal("0.10"), Decimal("0.50")  # points between declared and computed TEG


@dataclass(frozen=True)
class Cost:
    """The schedule of terms, fees of guarantees included, and the rates of all that is paid."""

    schedule: Schedule
    rates: Rates

    def teg_percent(self, convention: Convention) -> Decimal | None:
        """The unrounded rate by one convention, if it has one."""
        is_effective = convention is Convention.EFFECTIVE
        return self.rates.effective_percent if is_effective else self.rates.proportional_percent


def cost_of(terms: Terms) -> Cost:
    """The schedule and rates of `terms`; raises what `build_schedule` raises."""
    loan = terms.with_commissions()
    schedule = build_schedule(loan)
    return Cost(schedule, _with_savings(loan, schedule) or schedule.rates)


def _with_savings(loan: Terms, schedule: Schedule) -> Rates | None:
    """The rates when part of the loan is held back as savings until the end."""
    savings = loan.compulsory_savings_xof
    if not savings:
        return None
    upfront = loan.fees_xof(FeeMoment.DISBURSEMENT, with_taxes=False)
    each = loan.fees_xof(FeeMoment.EACH_INSTALLMENT, with_taxes=False)
    paid = [row.principal_xof + row.interest_xof + each for row in schedule.installments]
    is_single = sum(amount > 0 for amount in paid) == 1
    moments = moments_of(loan, periods_of(loan), is_single_payment=is_single)
    flows = [Flow(-amount, at) for amount, at in zip(paid, moments, strict=True)]
    received = Flow(loan.principal_xof - upfront - savings, Fraction(0))
    usual = None if is_single else periods_per_year(loan)
    return compute_rates([received, *flows, Flow(savings, moments[-1])], periods_per_year=usual)


def other(convention: Convention) -> Convention:
    """The convention that a ceiling does not use."""
    is_effective = convention is Convention.EFFECTIVE
    return Convention.PROPORTIONAL if is_effective else Convention.EFFECTIVE


def exceeds(cost: Cost, ceiling: RateCeiling) -> bool:
    """Whether the unrounded TEG is above the ceiling, by its convention; at it is lawful.

    Raises `TegNotComputable` when that convention gives no rate: such terms never pass.
    """
    return cost.rates.exceeds(ceiling.max_rate_percent, ceiling.convention)


def verdict(cost: Cost, ceiling: RateCeiling, on: date) -> dict[str, Any]:
    """What was compared with what, for the record; shown rates have four decimals."""
    rate = cost.teg_percent(ceiling.convention)
    return {
        "lender_category": ceiling.lender_category.value,
        "ceiling_percent": f"{ceiling.max_rate_percent:.2f}",
        "convention": ceiling.convention.value,
        "is_convention_confirmed": ceiling.is_convention_confirmed,
        "teg_percent": None if rate is None else f"{rate:.4f}",
        "legal_ref": ceiling.legal_ref,
        "on": on.isoformat(),
        "verdict": "EXCEEDED" if exceeds(cost, ceiling) else "WITHIN",
    }


def is_no_worse(now: Terms, before: Terms) -> bool:
    """Whether a contract keeps what was accepted: as much money, as long a grace, and neither a
    higher rate, nor higher fees, nor heavier guarantees."""
    cost_now, cost_before = cost_of(now), cost_of(before)
    return (
        now.principal_xof >= before.principal_xof
        and now.grace_principal >= before.grace_principal
        and now.grace_interest >= before.grace_interest
        and cost_now.rates.effective_percent <= cost_before.rates.effective_percent
        and _fees(now) <= _fees(before)
        and now.compulsory_savings_xof <= before.compulsory_savings_xof
        and quota(now) <= quota(before)
    )


def _fees(terms: Terms) -> int:
    loan = terms.with_commissions()
    return sum(
        loan.fees_xof(moment, with_taxes=True) * times
        for moment, times in (
            (FeeMoment.DISBURSEMENT, 1),
            (FeeMoment.EACH_INSTALLMENT, loan.number_of_installments),
        )
    )


def quota(terms: Terms) -> Decimal:
    """The part of the loan that guarantees cover, in percent."""
    return sum((Decimal(g.quota_percent or 0) for g in terms.guarantees), Decimal(0))
