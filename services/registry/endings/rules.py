"""Ends, worked out and held against the law: only members or a court end a cooperative."""

from collections.abc import Callable, Iterator
from typing import Any

from chassis.errors import Finding
from services.registry.acts import Case, Rule, entries, fields_of, inside
from services.registry.cooperatives.states import LIFE, Life, LifeAction
from services.registry.endings.schemas import (
    Closure,
    CourtOrder,
    Dissolution,
    Judgment,
    LiquidationClose,
    StrikeOff,
)
from services.registry.fields import CourtMeasure, DissolutionReason, StrikeOffGround
from services.registry.history.rules import Change, Part, timelines
from services.registry.law.rules import Facts, Law
from services.registry.programme.rules import not_in_future
from services.registry.registrations.schemas import PersonName
from services.registry.standing import administration_of

MENTION = "société en liquidation"
_ORDERED = {
    CourtMeasure.DISSOLUTION: LifeAction.ENTER_LIQUIDATION,
    CourtMeasure.STRIKE_OFF: LifeAction.STRIKE_OFF,
}
_PROOFS = {
    "judgment": ("court", "reference", "given_on"),
    "closure": ("published_in", "published_on"),
}
_CLOSED = StrikeOffGround.LIQUIDATION_CLOSED
_BY_COURT = (DissolutionReason.COURT_DECISION, DissolutionReason.LIQUIDATION_JUDGMENT)


def _liquidation(reason: str, liquidator: PersonName | None, case: Case) -> list[Change]:
    # from then on both stand on every document (AUSCOOP art. 183): the name is public by law
    told = {"mention": MENTION, "reason": reason, "liquidator": _named(liquidator)}
    return entries("liquidation", **told, since=case.day)


def _named(who: PersonName | None) -> str:
    return " ".join(part for part in (who and who.given_names, who and who.family_name) if part)


def dissolution_changes(said: Dissolution, case: Case) -> list[Change]:
    """In liquidation, by whom and why."""
    reason = said.reason.value if said.reason else ""
    return _liquidation(reason, said.liquidator, case)


def liquidation_is_complete(said: Dissolution, law: Law, _: Facts) -> Iterator[Finding]:
    """Art. 182-185: a liquidation has a reason and a liquidator (R47); one that a court decided
    names its judgment (art. 178-179)."""
    norm, wanted = law.norm("LIQUIDATION_INCOMPLETE"), ["reason"]
    if norm is None:
        return
    if said.reason in _BY_COURT:
        wanted += ["court", "judgment_reference"]
    for name in wanted:
        if not getattr(said, name):
            yield norm.finding(f"/payload/{name}")
    if not _named(said.liquidator):
        yield norm.finding("/payload/liquidator")


def closing_changes(said: LiquidationClose, case: Case) -> list[Change]:
    """What was left, and for whom."""
    told = said.model_dump(
        mode="json", include={"surplus_xof", "beneficiary", "beneficiary_name"}, exclude_none=True
    )
    closed_on = said.decided_on.isoformat() if said.decided_on else case.day
    return entries("liquidation", **told, **_told(said.closure), closed_on=closed_on)


def surplus_goes_to_cooperation(said: LiquidationClose, law: Law, _: Facts) -> Iterator[Finding]:
    """Art. 182: what is left goes to cooperatives or to who promotes them, not to members (R47)."""
    norm = law.norm("LIQUIDATION_INCOMPLETE")
    if norm is None or not said.surplus_xof:
        return
    if said.beneficiary is None or said.beneficiary.value not in norm.words:
        yield norm.finding("/payload/beneficiary")
    if not said.beneficiary_name:
        yield norm.finding("/payload/beneficiary_name")


def ends_in_order(action_of: Callable[[Any], LifeAction | None]) -> Rule:
    """The life of a record is one line: what ends it comes after everything that was said of it,
    or what was said for a later day would bring it back (R48)."""

    def rule(said: Any, _: Law, facts: Facts) -> Iterator[Finding]:
        action, on = action_of(said), facts.effective_on
        line = timelines(facts.happenings).get((Part.FIELD, "life"), [])
        later = [life for day, _, life in line if on and day > on]
        if action is not None and later and not (facts.began_on and on and on < facts.began_on):
            told = {"axis": "life", "status": later[-1], "action": action.value}
            yield Finding(code="STATUS_STEP_TOO_EARLY", pointer="/effective_on", params=told)

    return rule


def ordered(said: CourtOrder) -> LifeAction | None:
    """What the measure does to the life of the record."""
    return _ORDERED.get(said.measure) if said.measure else None


def strike_off_changes(said: StrikeOff, _: Case) -> list[Change]:
    """Why the record is closed."""
    ground = said.ground.value if said.ground else None
    return fields_of(struck_off={"ground": ground, **_told(said.judgment), **_told(said.closure)})


def _told(proof: Judgment | Closure | None) -> dict[str, Any]:
    return proof.model_dump(mode="json", exclude_none=True) if proof else {}


def ground_is_proven(said: StrikeOff, law: Law, facts: Facts) -> Iterator[Finding]:
    """Art. 178-179: a court alone ends what its members did not end. The registrar strikes off on
    its judgment, on the closure of a liquidation, or a record that exists twice (R47b)."""
    norm, life = law.norm("STRIKE_OFF_GROUND"), facts.state.fields.get("life")
    if norm is None or said.ground is None:
        return
    if said.ground == StrikeOffGround.COURT_DECISION:
        for at in _unproven(said.judgment, "judgment"):
            yield norm.finding(at)
    if said.ground == _CLOSED and life != Life.IN_LIQUIDATION:
        yield norm.finding("/payload/ground")
    if said.ground != _CLOSED and said.closure is not None:  # of a liquidation that never was
        yield norm.finding("/payload/closure")
    if said.ground == StrikeOffGround.DUPLICATE_RECORD and said.judgment is not None:
        yield norm.finding("/payload/judgment")


def _unproven(proof: Judgment | Closure | None, part: str) -> Iterator[str]:
    for name in _PROOFS[part]:
        if not getattr(proof, name, None):
            yield f"/payload/{part}/{name}"


def closure_is_published(
    said: LiquidationClose | StrikeOff, law: Law, facts: Facts
) -> Iterator[Finding]:
    """Art. 183-184: the personality of a cooperative survives to the publication of the closure,
    and ends on that day (R47c). Nobody asks one of an association, whose record ends on that day
    like any other if it states one."""
    norm, is_ground = law.norm("CLOSURE_NOT_PUBLISHED"), getattr(said, "ground", _CLOSED) == _CLOSED
    if not is_ground or (norm is None and said.closure is None):
        return
    for at in _unpublished(said, facts):
        yield norm.finding(at) if norm else Finding(code="CLOSURE_NOT_PUBLISHED", pointer=at)


def _unpublished(said: LiquidationClose | StrikeOff, facts: Facts) -> Iterator[str]:
    yield from _unproven(said.closure, "closure")
    on = said.closure.published_on if said.closure else None
    if on and facts.effective_on and on != facts.effective_on:
        yield "/payload/closure/published_on"
    # a closure is the ground of a striking off once it is published
    if on and isinstance(said, StrikeOff) and said.decided_on and said.decided_on < on:
        yield "/payload/decided_on"


def judgment_comes_first(judgment: Judgment, law: Law, facts: Facts) -> Iterator[Finding]:
    """Art. 178-179: nothing is struck off before the day of the judgment."""
    norm, on = law.norm("STRIKE_OFF_GROUND"), judgment.given_on
    if norm is not None and on and facts.effective_on and on > facts.effective_on:
        yield norm.finding("/payload/given_on")


def order_changes(said: CourtOrder, case: Case) -> list[Change]:
    """The order on record; an administration, a dissolution or a striking off by court, too."""
    told = said.model_dump(
        mode="json", include={"court", "reference", "measure", "decided_on"}, exclude_none=True
    )
    action = _ORDERED.get(said.measure) if said.measure else None
    life = LIFE.moves[action][1] if action else None
    dissolved = life == Life.IN_LIQUIDATION
    reason = DissolutionReason.COURT_DECISION.value
    ground = {"ground": StrikeOffGround.COURT_DECISION.value, **told}
    return [
        *fields_of(
            court_order=told,
            life=life.value if life else None,
            struck_off=ground if life == Life.STRUCK_OFF else None,
        ),
        *_administration(said.measure, told),
        *(_liquidation(reason, said.liquidator, case) if dissolved else ()),
    ]


def _administration(measure: CourtMeasure | None, told: dict[str, Any]) -> list[Change]:
    # an expert opinion or another order leaves in charge whom a court put there
    if measure == CourtMeasure.END_OF_ADMINISTRATION:
        return [Change(Part.FIELD, "provisional_administration", None)]
    is_one = measure == CourtMeasure.PROVISIONAL_ADMINISTRATION
    return fields_of(provisional_administration=told if is_one else None)


def order_can_be_done(said: CourtOrder, law: Law, facts: Facts) -> Iterator[Finding]:
    """What was ended is not ended again (R49); who is put in liquidation has a liquidator (R47)."""
    action = _ORDERED.get(said.measure) if said.measure else None
    life = Life(facts.state.fields.get("life") or Life.REGISTERED)
    if action is not None and action not in LIFE.allowed(life):
        told = {"axis": "life", "status": life.value, "action": action.value}
        yield Finding(code="STATUS_STEP_NOT_OPEN", pointer="/payload/measure", params=told)
    norm = law.norm("LIQUIDATION_INCOMPLETE")
    if norm is not None and action == LifeAction.ENTER_LIQUIDATION and not _named(said.liquidator):
        yield norm.finding("/payload/liquidator")


def administration_is_ordered(said: CourtOrder, _: Law, facts: Facts) -> Iterator[Finding]:
    """Only an administration under which it stands on that day is ended."""
    measure = said.measure
    if measure == CourtMeasure.END_OF_ADMINISTRATION and not administration_of(facts.state):
        told = {"axis": "provisional_administration", "status": "null", "action": measure.value}
        yield Finding(code="STATUS_STEP_NOT_OPEN", pointer="/payload/measure", params=told)


_PUBLISHED: tuple[Rule, ...] = (
    closure_is_published,
    inside("closure", not_in_future("published_on")),
)

DISSOLUTION: tuple[Rule, ...] = (
    liquidation_is_complete,
    ends_in_order(lambda _: LifeAction.ENTER_LIQUIDATION),
)
CLOSE: tuple[Rule, ...] = (
    surplus_goes_to_cooperation,
    *_PUBLISHED,
    ends_in_order(lambda _: LifeAction.CLOSE_LIQUIDATION),
)
STRIKE_OFF: tuple[Rule, ...] = (
    ground_is_proven,
    inside("judgment", not_in_future("given_on"), judgment_comes_first),
    *_PUBLISHED,
    ends_in_order(lambda _: LifeAction.STRIKE_OFF),
)
ORDER: tuple[Rule, ...] = (order_can_be_done, administration_is_ordered, ends_in_order(ordered))
