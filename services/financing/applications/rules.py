"""What a submission must say: pure functions over the application and its product.

All are policy of the programme (product rules), except the consent to the credit bureau, which is
law 2014-02, and the coherence of dates.
"""

from collections.abc import Callable, Iterator
from datetime import date

from chassis.clock import months_after
from chassis.errors import Finding
from services.financing.applications.schemas import Wish
from services.financing.products.models import FinancingProduct

Rule = Callable[[Wish, FinancingProduct, date], Iterator[Finding]]
RESOLUTION_MONTHS = 12


def _outside(code: str, name: str, actual: int, *, least: int, most: int) -> Iterator[Finding]:
    if not least <= actual <= most:
        params = {"min": least, "max": most, "actual": actual}
        yield Finding(code=code, pointer=f"/{name}", params=params)


def amount_fits(wish: Wish, product: FinancingProduct, _: date) -> Iterator[Finding]:
    """The product says how little and how much."""
    least, most = product.min_amount_xof, product.max_amount_xof
    actual = wish.amount_requested_xof
    yield from _outside(
        "AMOUNT_OUT_OF_PRODUCT", "amount_requested_xof", actual, least=least, most=most
    )


def term_fits(wish: Wish, product: FinancingProduct, _: date) -> Iterator[Finding]:
    """The product says how long."""
    least, most = product.min_term_months, product.max_term_months
    yield from _outside(
        "TERM_OUT_OF_PRODUCT", "term_months", wish.term_months, least=least, most=most
    )


def grace_fits(wish: Wish, product: FinancingProduct, _: date) -> Iterator[Finding]:
    """The product says how long repayment may wait."""
    most = product.max_grace_months
    yield from _outside(
        "GRACE_OUT_OF_PRODUCT", "grace_months", wish.grace_months, least=0, most=most
    )


def campaign_is_described(wish: Wish, product: FinancingProduct, _: date) -> Iterator[Finding]:
    """A campaign credit is repaid from the harvest: its season is known and coherent."""
    if product.needs_campaign and wish.campaign is None:
        yield Finding(code="CAMPAIGN_REQUIRED", pointer="/campaign")
    season = wish.campaign
    if season is not None and not season.start_on < season.harvest_on <= season.end_on:
        yield Finding(code="CAMPAIGN_DATES_INVALID", pointer="/campaign")


def assembly_has_met(wish: Wish, _: FinancingProduct, today: date) -> Iterator[Finding]:
    """The general assembly allowed the loan within the last twelve months.

    No article of AUSCOOP asks for it, and limits of the statutes do not bind third parties in good
    faith (art. 95–97): it is evidence that the programme demands.
    """
    resolution = wish.ag_resolution
    if resolution is None:
        yield Finding(code="AG_RESOLUTION_MISSING", pointer="/ag_resolution")
    elif not resolution.held_on <= today <= months_after(resolution.held_on, RESOLUTION_MONTHS):
        params = {"held_on": resolution.held_on.isoformat()}
        yield Finding(code="AG_RESOLUTION_EXPIRED", pointer="/ag_resolution/held_on", params=params)


def assembly_allows(wish: Wish, _: FinancingProduct, __: date) -> Iterator[Finding]:
    """The assembly allowed as much, and as long, as is asked for."""
    resolution = wish.ag_resolution
    if resolution is None:
        return
    for name, most, actual in (
        ("max_amount_xof", resolution.max_amount_xof, wish.amount_requested_xof),
        ("max_term_months", resolution.max_term_months, wish.term_months),
    ):
        if actual > most:
            yield Finding(
                code="AG_RESOLUTION_INSUFFICIENT",
                pointer=f"/ag_resolution/{name}",
                params={"max": most, "actual": actual},
            )


def signatories_are_named(wish: Wish, product: FinancingProduct, _: date) -> Iterator[Finding]:
    """At least two officers sign, each in a function of their own."""
    resolution = wish.ag_resolution
    if resolution and len(set(resolution.signatories)) < product.min_signatories:
        yield Finding(
            code="SIGNATORIES_INSUFFICIENT",
            pointer="/ag_resolution/signatories",
            params={"min": product.min_signatories},
        )


def consents_are_given(wish: Wish, _: FinancingProduct, __: date) -> Iterator[Finding]:
    """Law 2014-02: no look into the credit bureau without prior consent; and no file leaves the
    platform against the will of the cooperative."""
    for name, law_ref in (("bic", "loi 2014-02 du 6 janvier 2014"), ("data_sharing", None)):
        if not getattr(wish.consents, name):
            yield Finding(
                code="CONSENT_MISSING",
                pointer=f"/consents/{name}",
                params={"consent": name},
                law_ref=law_ref,
            )


RULES: tuple[Rule, ...] = (
    amount_fits,
    term_fits,
    grace_fits,
    campaign_is_described,
    assembly_has_met,
    assembly_allows,
    signatories_are_named,
    consents_are_given,
)


def findings(wish: Wish, product: FinancingProduct, today: date) -> list[Finding]:
    """Everything that keeps `wish` from being submitted, at once."""
    return [found for rule in RULES for found in rule(wish, product, today)]
