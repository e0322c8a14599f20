"""The axes that others decide about: CPS programme, ESS agrément, RSC number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.errors import Finding
from chassis.states import Machine
from services.registry.acts import Case, Rule, entries, fields_of, inside
from services.registry.cooperatives.states import (
    CPS,
    ESS,
    CpsAction,
    CpsStatus,
    EssAction,
    EssStatus,
    LegalRegistration,
    Life,
)
from services.registry.fields import IdentifierScheme
from services.registry.history.rules import Change, Part, entries_of, timelines
from services.registry.law.rules import Facts, Law
from services.registry.names import fold
from services.registry.numbers import Fault, ninea_fault
from services.registry.programme.schemas import (
    CpsRecognition,
    CpsSuspension,
    CpsWithdrawal,
    EssAgreement,
    RscAttestation,
    RscProof,
)

AGREEMENT = ("number", "authority", "from_on", "to_on")
_COOPERATIVES = ("SCOOPS", "COOP_CA", "UNION", "FEDERATION", "CONFEDERATION")


@dataclass(frozen=True)
class Axis:
    """One of the statuses of a record: its field, its table, and where it begins."""

    field: str
    machine: Machine[Any, Any]
    first: str


CPS_AXIS = Axis("cps_status", CPS, CpsStatus.OUTSIDE.value)
ESS_AXIS = Axis("ess_status", ESS, EssStatus.NOT_REQUESTED.value)


def not_in_future(*names: str) -> Rule:
    """What is declared has happened."""

    def rule(declared: Any, _: Law, facts: Facts) -> Iterator[Finding]:
        for name in names:
            on: date | None = getattr(declared, name)
            if on is not None and on > facts.today:
                yield Finding(code="DATE_IN_FUTURE", pointer=f"/payload/{name}")

    return rule


def step_is_open(axis: Axis, action_of: Callable[[Any], Any], at: str = "/payload/action") -> Rule:
    """The step is one of the table from where the record stands on that day; and what was said
    about later days still follows from it."""

    def rule(declared: Any, _: Law, facts: Facts) -> Iterator[Finding]:
        action = action_of(declared)
        if action is None:
            return
        now = facts.state.fields.get(axis.field) or axis.first
        sources, target = axis.machine.moves[action]
        told = {"axis": axis.field, "status": now, "action": action.value}
        if now not in sources:
            yield Finding(code="STATUS_STEP_NOT_OPEN", pointer=at, params=told)
        elif (later := _next(axis, facts)) and not _leads(axis, target.value, later):
            told = {"axis": axis.field, "status": later, "action": action.value}
            yield Finding(code="STATUS_STEP_TOO_EARLY", pointer="/effective_on", params=told)

    return rule


def _next(axis: Axis, facts: Facts) -> str | None:
    line = timelines(facts.happenings).get((Part.FIELD, axis.field), [])
    after = (value for day, _, value in line if facts.effective_on and day > facts.effective_on)
    return next(after, None)


def _leads(axis: Axis, now: str, later: str) -> bool:
    moves = axis.machine.moves.values()
    return now == later or any(now in sources and target == later for sources, target in moves)


def cps_action(said: CpsRecognition) -> CpsAction:
    """Recognised, where nothing else is stated."""
    return said.action or CpsAction.RECOGNISE


def action_is_a_recognition(said: CpsRecognition, _: Law, __: Facts) -> Iterator[Finding]:
    """To suspend and to withdraw are filings of their own."""
    if cps_action(said) not in (CpsAction.ACCEPT, CpsAction.RECOGNISE):
        yield Finding(code="ACTION_OF_ANOTHER_FILING", pointer="/payload/action")


def recognition_changes(said: CpsRecognition, _: Case) -> list[Change]:
    """A candidate, or recognised."""
    status = CPS.moves[cps_action(said)][1].value
    on = said.decided_on.isoformat() if said.decided_on else None
    decided = {"decided_on": on, "reference": said.reference}
    return [
        *fields_of(cps_status=status, cps_tags=said.cps_tags),
        *(entries("cps_recognition", **decided) if status == CpsStatus.RECOGNISED else ()),
    ]


def suspension_changes(_: CpsSuspension, __: Case) -> list[Change]:
    """Suspended."""
    return fields_of(cps_status=CpsStatus.SUSPENDED.value)


def withdrawal_changes(_: CpsWithdrawal, __: Case) -> list[Change]:
    """Out of the programme."""
    return fields_of(cps_status=CpsStatus.WITHDRAWN.value)


def nothing_begins_in_liquidation(said: EssAgreement, _: Law, facts: Facts) -> Iterator[Finding]:
    """Art. 183: who is wound up lives on for the needs of the liquidation. What ends may be put on
    record; an agrément is neither asked for nor given any more."""
    life = facts.state.fields.get("life")
    if life == Life.IN_LIQUIDATION and said.action in (EssAction.REQUEST, EssAction.GRANT):
        told = {"life": life}
        yield Finding(
            code="LIFE_FORBIDS", pointer="/payload/action", params=told, law_ref="AUSCOOP art. 183"
        )


def agreement_is_described(said: EssAgreement, law: Law, _: Facts) -> Iterator[Finding]:
    """What was granted has a number and an authority; what was refused or taken away, a reason. It
    ends after it begins."""
    granted = said.action == EssAction.GRANT
    is_against = said.action in (EssAction.REFUSE, EssAction.SUSPEND, EssAction.WITHDRAW)
    wanted = ("number", "authority") if granted else ("reason",) if is_against else ()
    for name in wanted:
        if not getattr(said, name):
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/{name}")
    if said.from_on and said.to_on and said.to_on < said.from_on:
        yield Finding(code="PERIOD_ENDS_FIRST", pointer="/payload/to_on")


def agreement_changes(said: EssAgreement, _: Case) -> list[Change]:
    """Where the agrément stands; its number stays on record when it is suspended or ends."""
    if said.action is None:
        return []
    # another agrément takes the place of the one before; any other step says what it says
    is_new = said.action == EssAction.GRANT
    told = said.model_dump(mode="json", include=set(AGREEMENT), exclude_none=not is_new)
    status = ESS.moves[said.action][1].value
    return [*fields_of(ess_status=status), *entries("ess_agreement", **told)]


def rsc_is_proven(said: RscProof, law: Law, _: Facts) -> Iterator[Finding]:
    """An RSC number comes with its authority, its date and its proof (art. 77, R32)."""
    yield from proof_of_rsc(said, law, "/payload")


def proof_of_rsc(said: RscProof | None, law: Law, at: str) -> Iterator[Finding]:
    """What is missing of an RSC number, of its authority, its date or its proof."""
    norm = law.norm("RSC_PROOF_REQUIRED")
    for name in ("number", "authority", "issued_on", "document_id"):
        if norm is not None and not getattr(said, name, None):
            yield norm.finding(f"{at}/{name}")


def rsc_is_free(_: Any, law: Law, facts: Facts) -> Iterator[Finding]:
    """One number belongs to one cooperative under an authority (art. 77, R32)."""
    norm = law.norm("RSC_NUMBER_TAKEN")
    if norm is not None and facts.rsc_taken_by is not None:
        yield norm.finding("/payload/number", registration_number=facts.rsc_taken_by)


RSC: tuple[Rule, ...] = (rsc_is_proven, rsc_is_free, not_in_future("issued_on"))
rsc_is_right: Rule = inside("rsc", *RSC)


def rsc_is_for_cooperatives(_: RscAttestation, __: Law, facts: Facts) -> Iterator[Finding]:
    """The RSC registers cooperatives and their apex bodies (art. 69); an association comes there by
    becoming one."""
    form = facts.state.fields.get("legal_form")
    if form is not None and form not in _COOPERATIVES:
        yield Finding(code="RSC_NOT_FOR_FORM", pointer="/payload/number", params={"form": form})


def rsc_key(authority: str, number: str) -> str:
    """What makes two RSC numbers one: spelling aside."""
    return f"{fold(authority)}|{''.join(fold(number).split())}"


def rsc_of(said: RscProof) -> dict[str, Any]:
    """The number, as the record keeps it."""
    names = {"number", "authority", "issued_on"}
    return dict(said.model_dump(mode="json", include=names, exclude_none=True))


def attestation_changes(said: RscAttestation, _: Case) -> list[Change]:
    """In the RSC, under that number; other numbers of the kinds that it states are replaced."""
    registered = LegalRegistration.REGISTERED.value
    return [
        *fields_of(rsc=rsc_of(said), legal_registration=registered),
        *identifiers_changes(said),
    ]


def identifiers_changes(said: Any) -> list[Change]:
    """The numbers that other registers gave, as the record keeps them: an entry for each scheme."""
    stated = [{**one.model_dump(mode="json"), "proof": None} for one in said.identifiers or []]
    return entries("identifiers", **entries_of(stated))


def identifiers_are_well_formed(said: Any, law: Law, facts: Facts) -> Iterator[Finding]:
    """NINEA of seven digits, or nine padded, and its check (R33); no RCCM number for a cooperative,
    which is on one register only (art. 74, 77; R31); none was given in the future."""
    rccm = law.norm("RCCM_NOT_ALLOWED")
    ninea = {Fault.FORMAT: law.norm("NINEA_FORMAT"), Fault.CHECKSUM: law.norm("NINEA_CHECKSUM")}
    for n, one in enumerate(said.identifiers or []):
        at = f"/payload/identifiers/{n}/number"
        if one.issued_on is not None and one.issued_on > facts.today:
            yield Finding(code="DATE_IN_FUTURE", pointer=f"/payload/identifiers/{n}/issued_on")
        if one.scheme == IdentifierScheme.RCCM and rccm is not None:
            yield rccm.finding(at)
        if one.scheme != IdentifierScheme.NINEA:
            continue
        fault = ninea_fault(one.number)
        if fault is not None and (norm := ninea[fault]) is not None:
            yield norm.finding(at)
