"""What the law asks of a registration: pure functions over values, one for each rule.

Each takes the declaration, the law in force and the facts that the register knows, and yields
findings. The numbers are in the law table, not here.
"""

from collections.abc import Callable, Iterator

from chassis.clock import months_after
from chassis.errors import Finding
from services.registry.apexes.rules import apex_is_founded, is_apex
from services.registry.fields import LegalForm, MemberKind
from services.registry.founding.rules import FOUNDING
from services.registry.law.rules import Facts, Law, regulated
from services.registry.names import fold
from services.registry.organs.rules import (
    legal_persons_are_represented,
    managing_organ,
    mandates_are_ordered,
    officers_are_members,
    organs_are_apart,
    presides_once,
    supervisors_are_independent,
    supervisory_organ,
)
from services.registry.persons.rules import persons_are_distinct, persons_are_well_described
from services.registry.programme.rules import identifiers_are_well_formed
from services.registry.registrations.schemas import Registration

_COOPERATIVES = {LegalForm.SCOOPS, LegalForm.COOP_CA}
_REQUIRED = (
    "legal_form", "name", "object", "common_bond", "seat", "sector_codes", "assembly_on",
    "members", "officers",
)  # fmt: skip
_REQUIRED_OF_MEMBER = ("family_name", "given_names", "sex")
_REQUIRED_OF_OFFICER = ("organ", "function", "from_on")
_OPEN: tuple[object, ...] = (None, "", [])

Rule = Callable[[Registration, Law, Facts], Iterator[Finding]]


def _missing(pointer: str) -> Finding:
    return Finding(code="FIELD_MISSING", pointer=pointer)


def completeness(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """A submission leaves nothing open; `common_bond` has its own article (R22)."""
    wanted = [*_REQUIRED, *(("share_value_xof", "capital_xof") if is_cooperative(r) else ())]
    wanted += ["founders"] if is_apex(r.legal_form) else []
    for name in wanted:
        if name != "common_bond" and getattr(r, name) in _OPEN:
            yield _missing(f"/payload/{name}")
    for n, member in enumerate(r.members or []):
        named = _REQUIRED_OF_MEMBER[:1] if member.kind == MemberKind.LEGAL else _REQUIRED_OF_MEMBER
        wanted_here = (*named, *(("shares",) if is_cooperative(r) else ()))
        yield from _gaps(member, wanted_here, f"/payload/members/{n}")
    for n, officer in enumerate(r.officers or []):
        yield from _gaps(officer, _REQUIRED_OF_OFFICER, f"/payload/officers/{n}")


def _gaps(thing: object, names: tuple[str, ...], pointer: str) -> Iterator[Finding]:
    for name in names:
        if getattr(thing, name) in _OPEN:
            yield _missing(f"{pointer}/{name}")


def is_cooperative(r: Registration) -> bool:
    """Whether the form is a cooperative of AUSCOOP (an AER is an association)."""
    return r.legal_form in _COOPERATIVES


def enough_members(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 204: a SCOOPS has at least five members; art. 267: a COOP-CA fifteen (R1–R3)."""
    for code in ("MEMBERS_BELOW_MINIMUM", "MEMBERS_BELOW_PROGRAMME_MINIMUM"):
        norm, actual = law.norm(code), len({m.id for m in r.members or []})
        if norm is not None and actual < norm.numbers[0]:
            yield norm.finding("/payload/members", min=norm.numbers[0], actual=actual)


def name_tells_the_form(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 205 and 268: the name is accompanied by its form (R8); art. 386 (R9)."""
    folded = f" {fold(r.name or '')} "
    sigle = law.norm("NAME_FORM_SUFFIX_MISSING")
    if r.name and sigle is not None and f" {fold(sigle.value)} " not in folded:
        yield sigle.finding("/payload/name", expected=sigle.value)
    wording = law.norm("NAME_FORM_WORDING_MISSING")
    if r.name and wording is not None and f" {fold(wording.value)} " not in folded:
        yield wording.finding("/payload/name", expected=wording.value)
    reserved = law.norm("NAME_RESERVED_TERM")
    if reserved is not None and reserved.phrase_in(r.name or ""):
        yield reserved.finding("/payload/name")


def name_is_free(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
    """One name for one cooperative under an authority (R10)."""
    taken, near = law.norm("NAME_ALREADY_USED"), law.norm("NAME_SIMILAR")
    if taken is not None and facts.taken_by is not None:
        yield taken.finding("/payload/name", registration_number=facts.taken_by)
    elif near is not None and facts.similar_to:
        yield near.finding("/payload/name", similar_to=", ".join(facts.similar_to))


def bond_is_stated(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 8 and 18-5: members share a common bond (R22)."""
    norm = law.norm("COMMON_BOND_REQUIRED")
    if norm is not None and not (r.common_bond or "").strip():
        yield norm.finding("/payload/common_bond")


def seat_is_known(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 70: the seat decides the authority (R23)."""
    norm = law.norm("COMMUNE_UNKNOWN")
    if norm is not None and r.seat is not None and not facts.is_commune_known:
        yield norm.finding("/payload/seat/commune_code")


def seat_stays(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 70: the authority that numbered the arrival is that of the seat (R24); a seat
    that left it is a matter for another authority's register."""
    norm, authority = law.norm("SEAT_LEFT_AUTHORITY"), facts.seat_authority
    if norm is not None and authority and facts.arrived_at not in (None, authority):
        yield norm.finding("/payload/seat/commune_code", authority=facts.arrived_at)


def activity_is_known(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
    """Activities of the reference table (R53)."""
    norm = law.norm("ACTIVITY_UNKNOWN")
    for n, code in enumerate(r.sector_codes or []):
        if norm is not None and code not in facts.known_sectors:
            yield norm.finding(f"/payload/sector_codes/{n}")


def activity_is_open(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """Law 2025-04: savings, credit and deposits need the Finance ministry's agrément (R40)."""
    norm = regulated(law, r.object or "")
    if norm is not None:
        yield norm.finding("/payload/object")


def assembly_was_held(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
    """The constitutive assembly lies in the past; AUSCOOP art. 74–75: one month to file (R25)."""
    norm = law.norm("LATE_REGISTRATION")
    if r.assembly_on is None:
        return
    if r.assembly_on > facts.today:
        yield Finding(code="DATE_IN_FUTURE", pointer="/payload/assembly_on")
    elif norm and facts.filed_on > months_after(r.assembly_on, norm.numbers[0]):
        days = (facts.filed_on - r.assembly_on).days
        yield norm.finding("/payload/assembly_on", days=days)


def takes_effect_in_time(r: Registration, _: Law, facts: Facts) -> Iterator[Finding]:
    """It takes effect between the constitutive assembly and today: what is to come is not yet
    true, and before its assembly there was nothing to register."""
    effective_on = facts.effective_on
    if effective_on is not None and effective_on > facts.today:
        yield Finding(code="DATE_IN_FUTURE", pointer="/effective_on")
    elif effective_on is not None and r.assembly_on and effective_on < r.assembly_on:
        yield Finding(code="EFFECTIVE_BEFORE_ASSEMBLY", pointer="/effective_on")


def group_is_free(_: Registration, __: Law, facts: Facts) -> Iterator[Finding]:
    """A group becomes one cooperative."""
    if not facts.is_initiative_free:
        yield Finding(code="INITIATIVE_ALREADY_REGISTERED", pointer="/initiative_id")


def shares_make_the_capital(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 208: shares of equal nominal value; together they are the capital (R29)."""
    norm = law.norm("SHARES_TOTAL_MISMATCH")
    if norm is None or r.share_value_xof is None or r.capital_xof is None:
        return
    shares = [member.shares for member in r.members or []]
    if None not in shares:
        total = sum(s or 0 for s in shares) * r.share_value_xof
        if total != r.capital_xof:
            yield norm.finding("/payload/capital_xof", expected=total)


RULES: tuple[Rule, ...] = (
    completeness, enough_members, apex_is_founded, name_tells_the_form, name_is_free,
    bond_is_stated, seat_is_known, seat_stays, activity_is_known, activity_is_open, managing_organ,
    supervisory_organ, organs_are_apart, officers_are_members, mandates_are_ordered,
    assembly_was_held, takes_effect_in_time, group_is_free, shares_make_the_capital,
    persons_are_distinct, persons_are_well_described, supervisors_are_independent,
    legal_persons_are_represented, presides_once, identifiers_are_well_formed, *FOUNDING,
)  # fmt: skip
