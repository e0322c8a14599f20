"""What a decision must respect: pure functions over what the lender said and what was asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chassis import clock
from chassis.clock import months_after
from chassis.errors import Finding
from services.financing.applications.schemas import Wish
from services.financing.ceilings.models import RateCeiling
from services.financing.products.models import FinancingProduct
from services.financing.terms.rules import REFUSED, TOLERATED, Cost, other, quota
from services.financing.terms.schemas import OfferTerms

SKEW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """An offer, what it costs, the ceiling that it met, and what had been asked for."""

    terms: OfferTerms
    cost: Cost
    ceiling: RateCeiling
    wish: Wish
    product: FinancingProduct
    now: datetime


Rule = Callable[[Weighed], Iterator[Finding]]


def decided_in_time(decided_at: datetime, sent_at: datetime, now: datetime) -> Iterator[Finding]:
    """A decision follows the file and is not of tomorrow; clocks may differ by five minutes."""
    if not sent_at - SKEW <= decided_at <= now + SKEW:
        params = {"received_at": clock.wire(now)}
        yield Finding(code="DECISION_DATE_INVALID", pointer="/decided_at", params=params)


def amount_fits(w: Weighed) -> Iterator[Finding]:
    """Not above the request (programme policy), not below the product."""
    principal, most, least = (
        w.terms.principal_xof,
        w.wish.amount_requested_xof,
        w.product.min_amount_xof,
    )
    pointer = "/terms/principal_xof"
    if principal > most:
        params = {"max": most, "actual": principal}
        yield Finding(code="AMOUNT_ABOVE_REQUEST", pointer=pointer, params=params)
    if principal < least:
        params = {"min": least, "max": w.product.max_amount_xof, "actual": principal}
        yield Finding(code="AMOUNT_OUT_OF_PRODUCT", pointer=pointer, params=params)


def amortization_is_allowed(w: Weighed) -> Iterator[Finding]:
    """The product says how a loan may be repaid (programme policy)."""
    if w.terms.amortization.value not in w.product.amortizations:
        params = {"allowed": ", ".join(w.product.amortizations)}
        pointer = "/terms/amortization"
        yield Finding(code="AMORTIZATION_OUT_OF_PRODUCT", pointer=pointer, params=params)


def term_fits(w: Weighed) -> Iterator[Finding]:
    """The last instalment falls within the product's longest term (programme policy)."""
    most = w.product.max_term_months
    last = w.cost.schedule.installments[-1].due_on
    if last > months_after(w.terms.disbursed_on, most):
        params = {"min": w.product.min_term_months, "max": most}
        pointer = "/terms/number_of_installments"
        yield Finding(code="TERM_OUT_OF_PRODUCT", pointer=pointer, params=params)


def grace_fits(w: Weighed) -> Iterator[Finding]:
    """Repayment begins no later than the product allows (programme policy)."""
    most, grace = w.product.max_grace_months, w.terms.grace_principal
    if not grace:
        return
    until = w.cost.schedule.installments[grace - 1].due_on
    if until > months_after(w.terms.disbursed_on, most):
        pointer = "/terms/grace_principal"
        yield Finding(code="GRACE_OUT_OF_PRODUCT", pointer=pointer, params={"max": most})


def offer_lasts(w: Weighed) -> Iterator[Finding]:
    """The cooperative needs time to compare, and no offer binds a lender for ever."""
    least, most = w.product.offer_min_days, w.product.offer_max_days
    earliest, latest = w.now + timedelta(days=least), w.now + timedelta(days=most)
    if not earliest <= w.terms.valid_until <= latest:
        params = {"min": least, "max": most}
        yield Finding(code="OFFER_VALIDITY_INVALID", pointer="/terms/valid_until", params=params)


def guarantees_add_up(w: Weighed) -> Iterator[Finding]:
    """No loan is guaranteed more than once."""
    total = quota(w.terms)
    if total > 100:
        params = {"total_percent": str(total)}
        yield Finding(code="GUARANTEE_QUOTA_EXCEEDED", pointer="/terms/guarantees", params=params)


def declared_teg_agrees(w: Weighed) -> Iterator[Finding]:
    """A declared TEG far from ours hides a cost (refused) or a convention (a warning)."""
    computed = w.cost.teg_percent(w.ceiling.convention)
    if w.terms.declared_teg_percent is None or computed is None:
        return
    apart = abs(Decimal(w.terms.declared_teg_percent) - computed)
    if apart > TOLERATED:
        yield Finding(
            code="DECLARED_TEG_MISMATCH",
            pointer="/terms/declared_teg_percent",
            severity="BLOCK" if apart > REFUSED else "WARN",
            params={
                "declared_percent": w.terms.declared_teg_percent,
                "computed_percent": f"{computed:.4f}",
            },
        )


def harvest_comes_first(w: Weighed) -> Iterator[Finding]:
    """A campaign is repaid from its harvest."""
    last = w.cost.schedule.installments[-1].due_on
    if w.wish.campaign is not None and last < w.wish.campaign.harvest_on:
        yield Finding(
            code="DUE_BEFORE_HARVEST",
            pointer="/terms/number_of_installments",
            severity="WARN",
            params={"harvest_on": w.wish.campaign.harvest_on.isoformat()},
        )


def convention_is_known(w: Weighed) -> Iterator[Finding]:
    """While the ceiling's convention is unconfirmed, say so when only the other would refuse."""
    ours = w.cost.teg_percent(w.ceiling.convention)
    rate = w.cost.teg_percent(other(w.ceiling.convention))
    most = w.ceiling.max_rate_percent
    is_over = ours is not None and rate is not None and ours <= most < rate
    if is_over and not w.ceiling.is_convention_confirmed:
        yield Finding(
            code="CEILING_CONVENTION_UNCONFIRMED",
            pointer="/terms",
            severity="WARN",
            params={
                "teg_percent": f"{rate:.4f}",
                "ceiling_percent": f"{most:.2f}",
            },
        )


RULES: tuple[Rule, ...] = (
    amount_fits,
    amortization_is_allowed,
    term_fits,
    grace_fits,
    offer_lasts,
    guarantees_add_up,
    declared_teg_agrees,
    harvest_comes_first,
    convention_is_known,
)


def findings(weighed: Weighed) -> list[Finding]:
    """Everything that is wrong or doubtful about an offer, at once."""
    return [found for rule in RULES for found in rule(weighed)]
