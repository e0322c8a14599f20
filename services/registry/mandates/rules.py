"""Who leaves an organ and who enters it, worked out and held against the law."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from chassis.errors import Finding
from chassis.ids import new_id
from services.registry.acts import Case, Changes, Rule, holds_after, lacking, outcomes
from services.registry.bylaws.rules import something_is_said
from services.registry.fields import Organ
from services.registry.history.rules import Change, Part, timelines
from services.registry.law.rules import Facts, Law
from services.registry.mandates.schemas import MandateEnd, OfficersChange
from services.registry.organs.rules import (
    is_term,
    linked,
    managing_organ,
    organs_are_apart,
    somebody_presides,
    supervisory_organ,
    unrepresented,
)
from services.registry.registrations.schemas import OfficerWrite

_STATED = ("organ", "function", "from_on")


def officers_changes(said: OfficersChange, case: Case) -> list[Change]:
    """Mandates that end and mandates that begin."""
    return [*ended(said.ends), *(new_mandate(one, case) for one in said.mandates or [])]


def ended(ends: Sequence[MandateEnd] | None) -> list[Change]:
    """Mandates that end, each on its day."""
    return [Change(Part.MANDATE, one.mandate_id, None, one.ended_on) for one in ends or []]


def new_mandate(one: OfficerWrite, case: Case) -> Change:
    """A mandate that begins, under an id of its own."""
    value: dict[str, Any] = {
        "member_id": case.person(one.member_id),
        "organ": (one.organ or Organ.MANAGING).value,
        "function": one.function or "MEMBER",
        "from_on": one.from_on.isoformat() if one.from_on else case.day,
        "to_on": one.to_on.isoformat() if one.to_on else None,
    }
    if one.representative is not None:
        value["representative"] = one.representative.model_dump(mode="json")
    return Change(Part.MANDATE, str(new_id()), value)


def ends_are_known(said: OfficersChange, _: Law, facts: Facts) -> Iterator[Finding]:
    """Only a mandate that is held on that day ends, and once."""
    yield from held_once([one.mandate_id for one in said.ends or []], facts, "ends")


def held_once(ids: Sequence[str], facts: Facts, at: str) -> Iterator[Finding]:
    """Mandates that are named at `at` are held on that day, and each is named once."""
    seen: set[str] = set()
    for n, id in enumerate(ids):
        if id not in facts.state.mandates or id in seen:
            yield Finding(code="MANDATE_UNKNOWN", pointer=f"/payload/{at}/{n}/mandate_id")
        seen.add(id)


def ends_follow_beginnings(said: OfficersChange, law: Law, facts: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 18: a mandate ends after it begins (R19). One that ended before it came on
    record would begin there and never end."""
    order, lines = law.norm("MANDATE_DATES"), timelines(facts.happenings)
    for n, one in enumerate(said.ends or []):
        held, at = facts.state.mandates.get(one.mandate_id), f"/payload/ends/{n}/ended_on"
        if held is None or one.ended_on is None:
            continue
        first, _, _ = lines[Part.MANDATE, one.mandate_id][0]
        if order is not None and one.ended_on < date.fromisoformat(held["from_on"]):
            yield order.finding(at)
        elif one.ended_on < first:
            told = {"first_on": first.isoformat()}
            yield Finding(code="MANDATE_ENDS_BEFORE_RECORD", pointer=at, params=told)


def ends_have_come(said: OfficersChange, _: Law, facts: Facts) -> Iterator[Finding]:
    """A mandate has ended when the filing that says so takes effect."""
    for n, one in enumerate(said.ends or []):
        if one.ended_on and facts.effective_on and one.ended_on > facts.effective_on:
            yield Finding(code="MANDATE_ENDS_LATER", pointer=f"/payload/ends/{n}/ended_on")


def mandates_are_whole(said: OfficersChange, law: Law, facts: Facts) -> Iterator[Finding]:
    """A mandate is held by a member (R18), says its organ, its function and its days, ends after it
    begins (art. 18-9, R19), and was not held before it was given (art. 294, R20)."""
    order, evidence = law.norm("MANDATE_DATES"), law.norm("ELECTION_EVIDENCE_MISSING")
    years = (facts.state.fields.get("bylaws") or {}).get("mandate_years")
    for n, one in enumerate(said.mandates or []):
        at = f"/payload/mandates/{n}"
        if one.member_id not in facts.state.members:
            yield Finding(code="OFFICER_NOT_MEMBER", pointer=f"{at}/member_id")
        for name in _STATED:
            if getattr(one, name) in (None, ""):
                yield Finding(code="FIELD_MISSING", pointer=f"{at}/{name}")
        if order is not None and not is_term(one, years):
            yield order.finding(f"{at}/to_on")
        is_early = one.from_on and said.decided_on and one.from_on < said.decided_on
        if evidence is not None and is_early:
            yield evidence.finding(f"{at}/from_on")


def holders_stay_members(changes: Changes) -> Rule:
    """Who is given a mandate has not left since: on every later day, too, it is held by a member
    (R18)."""

    def rule(said: Any, _: Law, facts: Facts) -> Iterator[Finding]:
        begun = {one.member_id: n for n, one in enumerate(said.mandates or [])}
        here, known = begun.keys() & facts.state.members.keys(), outcomes(changes, said, facts)
        left = {id for _, state in known for id in here - state.members.keys()}
        for id in sorted(left, key=lambda one: begun[one]):
            at = f"/payload/mandates/{begun[id]}/member_id"
            yield Finding(code="OFFICER_NOT_MEMBER", pointer=at)

    return rule


def supervisors_are_independent(said: OfficersChange, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 258-259: no supervisor is linked to those who manage (R17)."""
    yield from linked(said.mandates or [], law, "mandates")


def legal_persons_are_represented(
    said: OfficersChange, law: Law, facts: Facts
) -> Iterator[Finding]:
    """AUSCOOP art. 296: a legal person who is a director names a representative (R18)."""
    yield from unrepresented(said.mandates or [], facts.legal_members, law, "mandates")


def vacancies_only_warn(rule: Rule) -> Rule:
    """Who dies or resigns has left before anybody is elected: art. 178-179 gives months to an organ
    that is empty. Where mandates end and none begins, too few are told of, and nothing refused."""

    def asked(said: Any, law: Law, facts: Facts) -> Iterator[Finding]:
        for one in rule(said, law, facts):
            is_vacancy = lacking(one) > 0 and not said.mandates
            yield replace(one, severity="WARN") if is_vacancy else one

    return asked


ENDS: tuple[Rule, ...] = (ends_are_known, ends_follow_beginnings, ends_have_come)
OFFICERS: tuple[Rule, ...] = (
    something_is_said("ends", "mandates"),
    *ENDS,
    mandates_are_whole,
    holders_stay_members(officers_changes),
    supervisors_are_independent,
    legal_persons_are_represented,
    vacancies_only_warn(
        holds_after(
            officers_changes,
            (managing_organ, somebody_presides, supervisory_organ, organs_are_apart),
            "/payload/mandates",
            but_vacancies=True,
        )
    ),
)
