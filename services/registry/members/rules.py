"""Admissions, exits and holdings, worked out and held against the law."""

from collections.abc import Iterator
from typing import Any

from chassis.clock import months_after
from chassis.errors import Finding
from services.registry.acts import Case, Rule, fields_of, holds_after, member_of
from services.registry.apexes import rules as apexes
from services.registry.apexes.rules import affiliate, affiliates_of
from services.registry.bylaws.rules import holdings_of, something_is_said, unknown_members
from services.registry.fields import MemberKind
from services.registry.founding.rules import shares_stay_under_the_cap, signatures_of
from services.registry.history.rules import Change, Part, timelines
from services.registry.law.rules import Facts, Law
from services.registry.members.schemas import MembershipChange
from services.registry.organs.rules import managing_organ, officers_are_members, organs_are_apart
from services.registry.persons.rules import describe_person, same_persons
from services.registry.registrations.rules import enough_members, shares_make_the_capital

_STATED = ("family_name", "given_names", "sex")


def membership_changes(said: MembershipChange, case: Case) -> list[Change]:
    """Who is a member from the day of the change on, and the capital that they make."""
    admitted = [
        Change(Part.MEMBER, case.person(one.id), member_of(one, case))
        for one in said.admissions or []
    ]
    gone = [Change(Part.MEMBER, one.member_id, None) for one in said.exits or []]
    held = holdings_of(said.holdings or [], case.state.members)
    stated = fields_of(capital_xof=said.capital_xof, affiliates=_affiliates(said, case))
    # nobody counts any more but by names
    whole = [Change(Part.FIELD, "stated_counts", None)] if said.is_whole else []
    return [*stated, *whole, *admitted, *held, *gone]


def _affiliates(said: MembershipChange, case: Case) -> list[dict[str, Any]] | None:
    if not said.joins and not said.leaves:
        return None
    gone = {str(id) for id in said.leaves or []}
    kept = [one for one in affiliates_of(case.state) if one["cooperative_id"] not in gone]
    return [*kept, *(affiliate(one, said.admissions or [], case.ids) for one in said.joins or [])]


def admissions_are_whole(said: MembershipChange, law: Law, facts: Facts) -> Iterator[Finding]:
    """Who enters is described as a founding member is, and entered on a request made before
    (AUSCOOP art. 10: effective at once, or at most three months later; R38)."""
    norm, on = law.norm("ADMISSION_EFFECT_DATE"), facts.effective_on
    for n, one in enumerate(said.admissions or []):
        at = f"/payload/admissions/{n}"
        for name in _STATED[:1] if one.kind == MemberKind.LEGAL else _STATED:
            if getattr(one, name) in (None, ""):
                yield Finding(code="FIELD_MISSING", pointer=f"{at}/{name}")
        yield from describe_person(one, law, facts, at)
        if norm is None or one.requested_on is None or on is None:
            continue
        last = months_after(one.requested_on, norm.numbers[0])
        if not one.requested_on <= on <= last:
            yield norm.finding(f"{at}/requested_on", last_on=last.isoformat())


def requests_are_dated(said: MembershipChange, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 10: who enters asked for it in writing, on a day (R38). The founders of a record
    that came with a list are named later, too: a warning."""
    norm = law.norm("ADMISSION_REQUEST_NOT_DECLARED")
    undated = [n for n, one in enumerate(said.admissions or []) if one.requested_on is None]
    if norm is not None and undated:
        yield norm.finding(f"/payload/admissions/{undated[0]}/requested_on", count=len(undated))


def admissions_are_distinct(said: MembershipChange, law: Law, facts: Facts) -> Iterator[Finding]:
    """Nobody enters twice, nor under the reference of a member (R35)."""
    yield from same_persons(said.admissions or [], law, "admissions")
    for n, one in enumerate(said.admissions or []):
        if one.id in facts.state.members:
            yield Finding(code="MEMBER_ID_DUPLICATE", pointer=f"/payload/admissions/{n}/id")
        if n in facts.members_already:
            norm = law.norm("MEMBER_DUPLICATE")
            if norm is not None:
                yield norm.finding(f"/payload/admissions/{n}/nin")


def leavers_are_members(said: MembershipChange, _: Law, facts: Facts) -> Iterator[Finding]:
    """Only a member leaves, once, and not while holding a mandate: that ends first."""
    yield from unknown_members(said.exits or [], "exits", facts)
    holders = {one["member_id"] for one in facts.state.mandates.values()}
    for n, one in enumerate(said.exits or []):
        if one.reason is None:
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/exits/{n}/reason")
        if one.member_id in holders:
            yield Finding(code="MEMBER_HOLDS_MANDATE", pointer=f"/payload/exits/{n}/member_id")


def leavers_stay_gone(said: MembershipChange, _: Law, facts: Facts) -> Iterator[Finding]:
    """What was said about a member for a later day would bring back who left before it."""
    lines = timelines(facts.happenings)
    for n, one in enumerate(said.exits or []):
        line = lines.get((Part.MEMBER, one.member_id), [])
        if facts.effective_on and any(day > facts.effective_on and v for day, _, v in line):
            yield Finding(code="MEMBER_CHANGED_LATER", pointer=f"/payload/exits/{n}/member_id")


def holders_stay(said: MembershipChange, _: Law, facts: Facts) -> Iterator[Finding]:
    """Who holds shares is a member, and does not leave with the same filing."""
    yield from unknown_members(said.holdings or [], "holdings", facts)
    leavers = {one.member_id for one in said.exits or []}
    for n, one in enumerate(said.holdings or []):
        if one.shares is None:
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/holdings/{n}/shares")
        if one.member_id in leavers:
            yield Finding(code="MEMBER_NAMED_TWICE", pointer=f"/payload/holdings/{n}/member_id")


def cooperatives_move(said: MembershipChange, law: Law, facts: Facts) -> Iterator[Finding]:
    """Only cooperatives that are there leave an apex body; those that join fulfil what is asked of
    founders, and enough stay (AUSCOOP art. 133-134, 141; R4-R7)."""
    form, joins, people = (
        facts.state.fields.get("legal_form"),
        said.joins or [],
        said.admissions or [],
    )
    here = {one["cooperative_id"] for one in affiliates_of(facts.state)}
    for n, id in enumerate(said.leaves or []):
        if str(id) not in here:
            yield Finding(code="MEMBER_UNKNOWN", pointer=f"/payload/leaves/{n}")
    yield from apexes.expected(joins, form, facts, "/payload/joins")
    if not apexes.is_apex(form):
        return
    after = (here - {str(id) for id in said.leaves or []}) | {str(j.cooperative_id) for j in joins}
    yield from apexes.fitting(joins, law, facts, "/payload/joins")
    yield from apexes.enough(after, law, facts, "/payload/leaves")
    yield from apexes.of_one_object(after, law, facts, "/payload/joins")
    yield from apexes.represented(joins, people, law, "/payload/joins")
    yield from apexes.sent_by_a_member(people, after, "/payload/admissions")


def affiliates_come_in_turn(said: MembershipChange, _: Law, facts: Facts) -> Iterator[Finding]:
    """Who belongs to an apex body is one list: a list of a later day would forget who joins before
    it, and bring back who leaves."""
    line = timelines(facts.happenings).get((Part.FIELD, "affiliates"), [])
    is_early = any(facts.effective_on and day > facts.effective_on for day, _, _ in line)
    if is_early and (said.joins or said.leaves):
        yield Finding(code="MEMBER_CHANGED_LATER", pointer="/effective_on")


def admitted_signed(said: MembershipChange, law: Law, _: Facts) -> Iterator[Finding]:
    """Art. 10: the act of membership carries a signature or a fingerprint (R39)."""
    yield from signatures_of(said.admissions or [], law, "admissions")


MEMBERSHIP: tuple[Rule, ...] = (
    something_is_said("admissions", "exits", "holdings", "joins", "leaves", "is_whole"),
    admissions_are_whole,
    requests_are_dated,
    admitted_signed,
    cooperatives_move,
    affiliates_come_in_turn,
    admissions_are_distinct,
    leavers_are_members,
    leavers_stay_gone,
    holders_stay,
    holds_after(membership_changes, (enough_members, officers_are_members), "/payload/exits"),
    holds_after(membership_changes, (shares_make_the_capital,), "/payload/capital_xof"),
    holds_after(membership_changes, (shares_stay_under_the_cap,), "/payload/holdings"),
    holds_after(
        membership_changes,
        (managing_organ, organs_are_apart),
        "/payload/exits",
        but_vacancies=True,
    ),
)
