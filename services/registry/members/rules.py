"""Admissions, exits and holdings, worked out and held against the law."""

from collections.abc import Iterator

from chassis.errors import Finding
from services.registry.acts import Case, Rule, fields_of, holds_after, member_of
from services.registry.bylaws.rules import holdings_of, something_is_said, unknown_members
from services.registry.history.rules import Change, Part
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
    return [*fields_of(capital_xof=said.capital_xof), *admitted, *held, *gone]


def admissions_are_whole(said: MembershipChange, law: Law, facts: Facts) -> Iterator[Finding]:
    """Who enters is described as a founding member is, and entered on a request made before
    (AUSCOOP art. 10: effective at once, or at most three months later; R38)."""
    norm, on = law.norm("ADMISSION_EFFECT_DATE"), facts.effective_on
    for n, one in enumerate(said.admissions or []):
        at = f"/payload/admissions/{n}"
        for name in _STATED:
            if getattr(one, name) in (None, ""):
                yield Finding(code="FIELD_MISSING", pointer=f"{at}/{name}")
        yield from describe_person(one, law, facts, at)
        if norm is None or one.requested_on is None or on is None:
            continue
        if not 0 <= (on - one.requested_on).days <= norm.numbers[0]:
            yield norm.finding(f"{at}/requested_on", max_days=norm.numbers[0])


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


def holders_stay(said: MembershipChange, _: Law, facts: Facts) -> Iterator[Finding]:
    """Who holds shares is a member, and does not leave with the same filing."""
    yield from unknown_members(said.holdings or [], "holdings", facts)
    leavers = {one.member_id for one in said.exits or []}
    for n, one in enumerate(said.holdings or []):
        if one.shares is None:
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/holdings/{n}/shares")
        if one.member_id in leavers:
            yield Finding(code="MEMBER_NAMED_TWICE", pointer=f"/payload/holdings/{n}/member_id")


MEMBERSHIP: tuple[Rule, ...] = (
    something_is_said("admissions", "exits", "holdings"),
    admissions_are_whole,
    admissions_are_distinct,
    leavers_are_members,
    holders_stay,
    holds_after(membership_changes, (enough_members, managing_organ), "/payload/exits"),
    holds_after(membership_changes, (shares_make_the_capital,), "/payload/capital_xof"),
    holds_after(membership_changes, (officers_are_members, organs_are_apart), "/payload/exits"),
)
