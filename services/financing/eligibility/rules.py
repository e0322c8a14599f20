"""Who may be financed: one rule each, with its source, its reason and the moments it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from chassis.catalogue import Language
from services.financing.eligibility.models import KnownCooperative
from services.financing.products.models import FinancingProduct


class Stage(StrEnum):
    """When eligibility is asked."""

    SUBMISSION = "SUBMISSION"
    ACCEPTANCE = "ACCEPTANCE"
    CONTRACT = "CONTRACT"
    DISBURSEMENT = "DISBURSEMENT"


class Basis(StrEnum):
    """Whose rule it is: LAW binds everybody, PROGRAMME_POLICY may be changed by the programme."""

    LAW = "LAW"
    PROGRAMME_POLICY = "PROGRAMME_POLICY"


@dataclass(frozen=True)
class Facts:
    """What the rules may look at; `trained` says since when each training tool is achieved."""

    cooperative: KnownCooperative
    product: FinancingProduct
    trained: Mapping[str, date]
    today: date


@dataclass(frozen=True)
class Check:
    """What a rule found; `params` fill its sentences."""

    is_fulfilled: bool
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`asks` names what is asked, `refusal` its breach in the error catalogue."""

    asks: str
    refusal: str
    basis: Basis
    law_ref: str | None = None
    stages: frozenset[Stage]
    met: Mapping[Language, str]
    check: Callable[[Facts], Check]


def _is_registered(facts: Facts) -> Check:
    cooperative = facts.cooperative
    params = {"current_status": cooperative.status, "number": cooperative.registration_number}
    return Check(cooperative.status == "REGISTERED", params)


def _has_organs(facts: Facts) -> Check:
    return Check(facts.cooperative.organs_complete)


def _is_trained(facts: Facts) -> Check:
    wanted = facts.product.training_codes
    missing = [code for code in wanted if code not in facts.trained]
    return Check(not missing, {"missing": ", ".join(missing), "required": ", ".join(wanted)})


def _has_members(facts: Facts) -> Check:
    actual, least = facts.cooperative.members_count, facts.product.min_members
    return Check(actual >= least, {"actual": actual, "min": least})


def _is_old_enough(facts: Facts) -> Check:
    begun, today = facts.cooperative.registered_on, facts.today
    months = (today.year - begun.year) * 12 + today.month - begun.month - (today.day < begun.day)
    least = facts.product.min_age_months
    return Check(months >= least, {"actual": months, "min": least})


def _is_open(facts: Facts) -> Check:
    return Check(facts.product.is_open(facts.today), {"product": facts.product.code})


ALWAYS = frozenset(Stage)
AT_SUBMISSION = frozenset({Stage.SUBMISSION})

RULES: tuple[Rule, ...] = (
    Rule(
        asks="COOPERATIVE_ACTIVE",
        refusal="COOPERATIVE_NOT_ACTIVE",
        basis=Basis.LAW,
        law_ref="AUSCOOP art. 74",
        stages=ALWAYS,
        met={"fr": "Immatriculée sous le numéro {number}.", "en": "Registered as {number}."},
        check=_is_registered,
    ),
    Rule(
        asks="ORGANS_IN_PLACE",
        refusal="ORGANS_INCOMPLETE",
        basis=Basis.LAW,
        law_ref="AUSCOOP art. 98",
        stages=frozenset({Stage.SUBMISSION, Stage.ACCEPTANCE}),
        met={"fr": "Organes complets au registre.", "en": "Organs complete in the register."},
        check=_has_organs,
    ),
    Rule(
        asks="TRAINING_ACHIEVED",
        refusal="TRAINING_REQUIRED",
        basis=Basis.PROGRAMME_POLICY,
        stages=ALWAYS,
        met={"fr": "Formation acquise : {required}.", "en": "Training achieved: {required}."},
        check=_is_trained,
    ),
    Rule(
        asks="ENOUGH_MEMBERS",
        refusal="MEMBERS_BELOW_PRODUCT_MINIMUM",
        basis=Basis.PROGRAMME_POLICY,
        stages=AT_SUBMISSION,
        met={
            "fr": "{actual} membres, {min} demandés.",
            "en": "{actual} members, {min} required.",
        },
        check=_has_members,
    ),
    Rule(
        asks="OLD_ENOUGH",
        refusal="COOPERATIVE_TOO_YOUNG",
        basis=Basis.PROGRAMME_POLICY,
        stages=AT_SUBMISSION,
        met={
            "fr": "Immatriculée depuis {actual} mois, {min} demandés.",
            "en": "Registered for {actual} months, {min} required.",
        },
        check=_is_old_enough,
    ),
    Rule(
        asks="PRODUCT_OPEN",
        refusal="PRODUCT_CLOSED",
        basis=Basis.PROGRAMME_POLICY,
        stages=AT_SUBMISSION,
        met={"fr": "Le produit est ouvert.", "en": "The product is open."},
        check=_is_open,
    ),
)


def broken(facts: Facts, stage: Stage) -> list[tuple[Rule, Check]]:
    """The rules asked at `stage` that are not fulfilled, in their order."""
    asked = [(rule, rule.check(facts)) for rule in RULES if stage in rule.stages]
    return [(rule, check) for rule, check in asked if not check.is_fulfilled]
