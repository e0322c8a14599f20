"""Changes of the statutes, worked out and held against the law."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.errors import Finding
from services.registry.acts import Case, Rule, fields_of, holds_after
from services.registry.bylaws.schemas import (
    BylawsChange,
    CapitalChange,
    Holding,
    NameChange,
    ObjectChange,
    SeatChange,
)
from services.registry.founding.rules import bond_is_open, shares_stay_under_the_cap
from services.registry.history.rules import Change, Part
from services.registry.law.rules import Facts, Law
from services.registry.registrations.rules import shares_make_the_capital

BYLAWS = ("duration_years", "mandate_years", "share_cap_percent", "signing_rules")


def name_changes(said: NameChange, _: Case) -> list[Change]:
    """The name."""
    return fields_of(name=said.name)


def seat_changes(said: SeatChange, case: Case) -> list[Change]:
    """The seat, and with it the authority and the territory."""
    return fields_of(**case.place)


def object_changes(said: ObjectChange, _: Case) -> list[Change]:
    """What it does."""
    return fields_of(object=said.object, sector_codes=said.sector_codes, cps_tags=said.cps_tags)


def name_is_free_there(_: SeatChange, law: Law, facts: Facts) -> Iterator[Finding]:
    """Where the seat goes, nobody bears the name yet (R10)."""
    taken = law.norm("NAME_ALREADY_USED")
    if taken is not None and facts.taken_by is not None:
        yield taken.finding("/payload/seat", registration_number=facts.taken_by)


def bylaws_of(said: Any) -> dict[str, Any]:
    """The articles that a declaration states, as the record keeps them."""
    stated = said.model_dump(mode="json", include=set(BYLAWS), exclude_none=True)
    return dict(stated)


def bylaws_changes(said: BylawsChange, _: Case) -> list[Change]:
    """Other articles, each by itself: what is not stated stays, whatever day it is from."""
    articles = {f"bylaws.{name}": value for name, value in bylaws_of(said).items()}
    return fields_of(common_bond=said.common_bond, **articles)


def capital_changes(said: CapitalChange, case: Case) -> list[Change]:
    """The value of a share, the capital, the holdings."""
    return [
        *fields_of(share_value_xof=said.share_value_xof, capital_xof=said.capital_xof),
        *holdings_of(said.holdings or [], case.state.members),
    ]


def holdings_of(
    holdings: Iterable[Holding], members: Mapping[str, Mapping[str, Any]]
) -> list[Change]:
    """The new shares of members that are there."""
    return [
        Change(Part.MEMBER, one.member_id, {**members[one.member_id], "shares": one.shares})
        for one in holdings
        if one.member_id in members and one.shares is not None
    ]


def holders_are_members(said: CapitalChange, _: Law, facts: Facts) -> Iterator[Finding]:
    """Shares are held by members on that day, and each is named once."""
    yield from unknown_members(said.holdings or [], "holdings", facts)


def unknown_members(items: Iterable[Any], at: str, facts: Facts) -> Iterator[Finding]:
    """Every item that names nobody of this cooperative on that day, or somebody again."""
    seen: set[str] = set()
    for n, one in enumerate(items):
        if one.member_id not in facts.state.members:
            yield Finding(code="MEMBER_UNKNOWN", pointer=f"/payload/{at}/{n}/member_id")
        elif one.member_id in seen:
            yield Finding(code="MEMBER_NAMED_TWICE", pointer=f"/payload/{at}/{n}/member_id")
        seen.add(one.member_id)


def something_is_said(*names: str) -> Rule:
    """A change that changes nothing is none."""

    def rule(declared: Any, _: Law, __: Facts) -> Iterator[Finding]:
        if all(getattr(declared, name) in (None, []) for name in names):
            yield Finding(code="NOTHING_CHANGES", pointer="/payload", params={"any_of": names})

    return rule


def holdings_are_stated(said: CapitalChange, _: Law, __: Facts) -> Iterator[Finding]:
    """A holding says how many shares."""
    for n, one in enumerate(said.holdings or []):
        if one.shares is None:
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/holdings/{n}/shares")


ARTICLES: tuple[Rule, ...] = (
    something_is_said("common_bond", *BYLAWS),
    bond_is_open,
    holds_after(bylaws_changes, (shares_stay_under_the_cap,), "/payload/share_cap_percent"),
)
CAPITAL: tuple[Rule, ...] = (
    something_is_said("share_value_xof", "capital_xof", "holdings"),
    holdings_are_stated,
    holders_are_members,
    holds_after(capital_changes, (shares_make_the_capital,), "/payload/capital_xof"),
    holds_after(capital_changes, (shares_stay_under_the_cap,), "/payload/holdings"),
)
