"""Eligibility: asked by the cooperative, and asked again whenever money comes nearer."""

from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.catalogue import Catalogue, Language
from chassis.db import AsyncSession
from chassis.errors import Conflict, Finding, NotFound, NotYetKnown
from services.financing.eligibility.errors import (
    CooperativeNotActive,
    EligibilityStale,
    OrgansIncomplete,
    TrainingRequired,
)
from services.financing.eligibility.models import KnownCooperative
from services.financing.eligibility.repository import KnownFacts
from services.financing.eligibility.rules import RULES, Check, Facts, Rule, Stage, broken
from services.financing.eligibility.schemas import EligibilityRead, RuleRead
from services.financing.products.models import FinancingProduct
from services.financing.scopes import APPLY

_CONFLICTS: dict[str, type[Conflict]] = {
    kind.code: kind for kind in (CooperativeNotActive, OrgansIncomplete, TrainingRequired)
}


async def known(session: AsyncSession, cooperative_id: UUID) -> KnownCooperative:
    """The cooperative, or `NotYetKnown` while the registry has not told us of it."""
    found = await KnownFacts(session).cooperative(cooperative_id)
    if found is None:
        raise NotYetKnown(subject=f"cooperative/{cooperative_id}")
    return found


async def own(session: AsyncSession, cooperative_id: UUID, *, by: Caller) -> KnownCooperative:
    """The cooperative, if it is the caller's own or lent them applying; `NotFound` for all
    others."""
    cooperative = await known(session, cooperative_id)
    if not by.owns(cooperative.organisation_id, cooperative.id, APPLY):
        raise NotFound()
    return cooperative


async def facts_about(
    session: AsyncSession, cooperative: KnownCooperative, product: FinancingProduct
) -> Facts:
    """What the rules look at, as of today."""
    today = clock.today()
    trained = await KnownFacts(session).trained(cooperative, today)
    return Facts(cooperative=cooperative, product=product, trained=trained, today=today)


def finding(rule: Rule, check: Check) -> Finding:
    """A broken rule, for the applicant."""
    return Finding(code=rule.refusal, pointer="", params=check.params, law_ref=rule.law_ref)


def explain(facts: Facts, catalogue: Catalogue, language: Language) -> EligibilityRead:
    """Every rule: fulfilled or not, why, and what to do."""
    rules = [_explained(rule, rule.check(facts), catalogue, language) for rule in RULES]
    return EligibilityRead(
        cooperative_id=facts.cooperative.id,
        product_code=facts.product.code,
        is_eligible=all(rule.is_fulfilled for rule in rules),
        rules=rules,
        heard_at=facts.cooperative.heard_at,
    )


def _explained(rule: Rule, check: Check, catalogue: Catalogue, language: Language) -> RuleRead:
    met = rule.met[language].format_map(check.params)
    missed = catalogue.sentence(rule.refusal, language, check.params)
    remedy = catalogue.entries[rule.refusal].remedy[language]
    return RuleRead(
        code=rule.asks,
        is_fulfilled=check.is_fulfilled,
        reason=met if check.is_fulfilled else missed,
        remedy=None if check.is_fulfilled else remedy,
        basis=rule.basis,
        law_ref=rule.law_ref,
    )


async def vouch(
    session: AsyncSession, cooperative_id: UUID, product: FinancingProduct, *, stage: Stage
) -> None:
    """Let money come nearer only for a cooperative that is still eligible, as far as anyone knows.

    Raises `EligibilityStale` when the register was not heard for 60 s, else the conflict of the
    first broken rule with all of them as findings.
    """
    if not await KnownFacts(session).is_certain(cooperative_id):
        raise EligibilityStale(retry_after_s=5)
    cooperative = await known(session, cooperative_id)
    missed = broken(await facts_about(session, cooperative, product), stage)
    if missed:
        rule, check = missed[0]
        raise _CONFLICTS[rule.refusal](findings=[finding(*each) for each in missed], **check.params)
