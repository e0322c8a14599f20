"""Passages from one form to another, worked out and held against the law of the new form."""

from collections.abc import Iterator
from dataclasses import replace

from chassis.errors import Finding
from services.registry.acts import Case, Rule, as_registration, entries, fields_of, outcomes
from services.registry.bylaws.rules import holdings_of, unknown_members
from services.registry.cooperatives.states import LegalRegistration
from services.registry.fields import IdentifierScheme, LegalForm
from services.registry.founding.rules import shares_stay_under_the_cap
from services.registry.history.rules import Change, Part, entries_of, timelines
from services.registry.law.rules import Facts, Law
from services.registry.mandates.rules import (
    ENDS,
    holders_stay_members,
    mandates_are_whole,
    new_mandate,
)
from services.registry.organs.rules import (
    linked,
    managing_organ,
    organs_are_apart,
    somebody_presides,
    supervisory_organ,
    unrepresented,
)
from services.registry.programme.rules import proof_of_rsc, rsc_is_right, rsc_of
from services.registry.registrations.rules import (
    activity_is_known,
    activity_is_open,
    bond_is_stated,
    enough_members,
    name_is_free,
    name_tells_the_form,
    shares_make_the_capital,
)
from services.registry.registrations.schemas import OfficerWrite, Registration
from services.registry.transformations.schemas import Transformation

F = LegalForm
# AUSCOOP art. 167 knows passages between its own forms. From an association it is a succession,
# until a jurist says otherwise (Q4); art. 168 gives no continuity out of AUSCOOP.
PASSAGES = frozenset({(F.SCOOPS, F.COOP_CA), (F.COOP_CA, F.SCOOPS), (F.AER, F.SCOOPS),
                      (F.AER, F.COOP_CA)})  # fmt: skip


def transformation_changes(said: Transformation, case: Case) -> list[Change]:
    """The new form and what goes with it; the history keeps the old one."""
    before = case.state.fields.get("legal_form")
    is_proven = said.rsc is not None and said.rsc.number is not None
    registered = LegalRegistration.REGISTERED.value if is_proven else None
    succession = {"from_form": before, "on": case.day} if before == F.AER else None
    return [
        *fields_of(
            legal_form=said.to_form.value if said.to_form else None,
            name=said.name,
            object=said.object,
            sector_codes=said.sector_codes,
            share_value_xof=said.share_value_xof,
            capital_xof=said.capital_xof,
            succession=succession,
            rsc=rsc_of(said.rsc) if said.rsc and is_proven else None,
            legal_registration=registered,
        ),
        *entries("identifiers", **dict.fromkeys(said.ended_identifiers or ())),
        *holdings_of(said.holdings or [], case.state.members),
        *(Change(Part.MANDATE, one.mandate_id, None, one.ended_on) for one in said.ends or []),
        *(new_mandate(one, case) for one in said.mandates or []),
    ]


def passage_exists(said: Transformation, _: Law, facts: Facts) -> Iterator[Finding]:
    """Art. 167-168: from a form of AUSCOOP to another, or from an association to one."""
    before = facts.state.fields.get("legal_form")
    if said.to_form is None or before is None:
        return
    if (LegalForm(before), said.to_form) not in PASSAGES:
        told = {"from_form": before, "to_form": said.to_form.value}
        yield Finding(code="PASSAGE_NOT_OPEN", pointer="/payload/to_form", params=told)


def conditions_are_met(said: Transformation, law: Law, facts: Facts) -> Iterator[Finding]:
    """Art. 167 ff.: fifteen members to become a COOP-CA; a SCOOPS has equity of at least its
    capital, two approved balance sheets and a report of an expert or of its apex body (R46)."""
    norm, before = law.norm("TRANSFORMATION_CONDITIONS"), facts.state.fields.get("legal_form")
    if norm is None or said.to_form is None:
        return
    least = law.of(said.to_form.value).norm("MEMBERS_BELOW_MINIMUM")
    members = len(facts.state.members)
    if least is not None and members < least.numbers[0]:
        yield norm.finding("/payload/to_form", min=least.numbers[0], actual=members)
    if before != F.SCOOPS:
        return
    capital = facts.state.fields.get("capital_xof") or 0
    if said.equity_xof is None or said.equity_xof < capital:
        yield norm.finding("/payload/equity_xof", min=capital, actual=said.equity_xof)
    sheets = len({on for on in said.approved_balance_sheets or [] if on <= facts.today})
    if sheets < norm.numbers[0]:
        at = "/payload/approved_balance_sheets"
        yield norm.finding(at, min=norm.numbers[0], actual=sheets)
    if said.report_by is None:
        yield norm.finding("/payload/report_by")


def successor_is_in_the_rsc(said: Transformation, law: Law, facts: Facts) -> Iterator[Finding]:
    """An association that became a cooperative was registered as one: its RSC number is attested
    (art. 74, 77); any number that is stated has its proof (R32)."""
    if said.to_form is None:
        return
    new = law.of(said.to_form.value)
    if said.rsc is None and facts.state.fields.get("legal_form") == F.AER:
        yield from proof_of_rsc(None, new, "/payload/rsc")
    yield from rsc_is_right(said, new, facts)


def holders_are_members(said: Transformation, _: Law, facts: Facts) -> Iterator[Finding]:
    """Shares are held by members on that day, each named once and with a number of shares."""
    yield from unknown_members(said.holdings or [], "holdings", facts)
    for n, one in enumerate(said.holdings or []):
        if one.shares is None:
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/holdings/{n}/shares")


def record_is_whole(said: Transformation, _: Law, facts: Facts) -> Iterator[Finding]:
    """An association has neither shares nor a capital, and a list may have named no object and no
    activity: a cooperative has all of these."""
    for name in ("object", "sector_codes", "share_value_xof", "capital_xof"):
        stated = getattr(said, name)
        if (facts.state.fields.get(name) if stated is None else stated) in (None, "", []):
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/{name}")


def officers_may_sit(said: Transformation, law: Law, facts: Facts) -> Iterator[Finding]:
    """Neither a linked nor a legal person supervises (art. 258-259; R14, R17); a legal person who
    is a director names a representative (art. 296, R18): one who was there, in a new mandate. It is
    asked of who sits since, too."""
    if said.to_form is None:
        return
    new, known = law.of(said.to_form.value), timelines(facts.happenings)
    yield from linked(said.mandates or [], new, "mandates")
    yield from unrepresented(said.mandates or [], facts.legal_members, new, "mandates")
    held = [OfficerWrite.model_validate(dict(one), strict=False)
            for _, state in outcomes(transformation_changes, said, facts)
            for id, one in state.mandates.items() if (Part.MANDATE, id) in known]  # fmt: skip
    broken = {one.code: one for one in unrepresented(held, facts.legal_members, new, "mandates")}
    for found in broken.values():
        yield replace(found, pointer="/payload/mandates")


def seat_is_stated(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 70: the seat decides the authority (R23); a list may have named none."""
    norm = law.norm("COMMUNE_UNKNOWN")
    if norm is not None and r.seat is None:
        yield norm.finding("/payload/seat")


_OF_THE_FORM: tuple[tuple[Rule, str], ...] = (
    (enough_members, "/payload/to_form"),
    (bond_is_stated, "/payload/to_form"),
    (seat_is_stated, "/payload/to_form"),
    (somebody_presides, "/payload/mandates"),
    (managing_organ, "/payload/mandates"),
    (supervisory_organ, "/payload/mandates"),
    (organs_are_apart, "/payload/mandates"),
    (name_tells_the_form, "/payload/name"),
    (activity_is_open, "/payload/object"),
    (shares_make_the_capital, "/payload/capital_xof"),
    (shares_stay_under_the_cap, "/payload/holdings"),
)


def new_form_holds(said: Transformation, law: Law, facts: Facts) -> Iterator[Finding]:
    """What the law asks of a registration of the new form, the record fulfils."""
    if said.to_form is None:
        return
    new, told = law.of(said.to_form.value), set[str]()
    for _, state in outcomes(transformation_changes, said, facts):
        whole = as_registration(state)
        for rule, at in _OF_THE_FORM:
            for finding in rule(whole, new, facts):
                if finding.code not in told:
                    told.add(finding.code)
                    yield replace(finding, pointer=at)


def is_on_one_register(said: Transformation, law: Law, facts: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 74, 77: a cooperative is on one register only (R31); an association may have
    been in the RCCM."""
    norm = law.of(said.to_form.value).norm("RCCM_NOT_ALLOWED") if said.to_form else None
    known = (state.fields for _, state in outcomes(transformation_changes, said, facts))
    if norm and any(entries_of(one.get("identifiers")).get(IdentifierScheme.RCCM) for one in known):
        yield norm.finding("/payload/ended_identifiers")


TRANSFORMATION: tuple[Rule, ...] = (
    passage_exists,
    conditions_are_met,
    successor_is_in_the_rsc,
    holders_are_members,
    *ENDS,
    mandates_are_whole,
    holders_stay_members(transformation_changes),
    officers_may_sit,
    name_is_free,
    activity_is_known,
    record_is_whole,
    is_on_one_register,
    new_form_holds,
)
