"""The mandates that a correction puts right: their terms, and the days on which they ended."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from chassis.errors import Finding
from services.registry.acts import Case, Rule, broken, holds_after, lacking, outcomes
from services.registry.corrections.schemas import CorrectedEnd, Correction
from services.registry.corrections.values import told
from services.registry.history.rules import Change, Happening, Part, root, state_on, timelines
from services.registry.law.rules import Facts, Law
from services.registry.mandates.rules import (
    ends_are_known,
    ends_follow_beginnings,
    held_once,
    mandates_are_whole,
)
from services.registry.mandates.schemas import OfficersChange
from services.registry.organs.rules import (
    linked,
    managing_organ,
    mandate_is_represented,
    officers_are_members,
    organs_are_apart,
    supervisory_organ,
)
from services.registry.registrations.schemas import OfficerWrite, PersonName, Registration

_NOT_TERMS = ("mandate_id", "is_linked")


def mandate_changes(said: Correction, case: Case) -> list[Change]:
    """The right terms of mandates, and their right ends."""
    terms = [
        Change(Part.MANDATE, one.mandate_id, _with_terms(case.state.mandates[one.mandate_id], new))
        for one in said.mandates or []
        if one.mandate_id in case.state.mandates and (new := told(one, *_NOT_TERMS))
    ]
    return [*terms, *(_right_end(one) for one in said.ends or [])]


def _right_end(one: CorrectedEnd) -> Change:
    is_undone = bool(one.is_undone)
    return Change(Part.MANDATE, one.mandate_id, None, one.ended_on, is_undone)


def _with_terms(held: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    right = {**held, **new}
    if (who := right.pop("representative", None)) is not None:
        # a mandate has both names of who sits there, or nobody's
        right["representative"] = PersonName.model_validate(who).model_dump(mode="json")
    return right


def mandates_touched(said: Correction) -> Iterator[tuple[Part, str, str]]:
    """The mandates of which a correction says the terms or the end again, and where."""
    for n, terms in enumerate(said.mandates or []):
        yield Part.MANDATE, terms.mandate_id, f"mandates/{n}/mandate_id"
    for n, end in enumerate(said.ends or []):
        yield Part.MANDATE, f"{end.mandate_id}.ended_on", f"ends/{n}/mandate_id"


def mandates_were_held(said: Correction, _: Law, facts: Facts) -> Iterator[Finding]:
    """A mandate that is put right was held on that day, and something is said of it again."""
    yield from held_once([one.mandate_id for one in said.mandates or []], facts, "mandates")
    for n, one in enumerate(said.mandates or []):
        if not told(one, *_NOT_TERMS):
            yield Finding(code="NOTHING_CHANGES", pointer=f"/payload/mandates/{n}")


_supervision_holds = holds_after(
    mandate_changes, (supervisory_organ,), "/payload/mandates", but_vacancies=True
)


def right_mandates(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """A mandate that is put right is asked what the declaration of it was asked (R14, R17-R20); who
    represents a legal person, only where that or the organ is put right: what was entered before
    mandates kept the name lacks it."""
    held, mandates = facts.state.mandates, said.mandates or []
    if not mandates or any(one.mandate_id not in held for one in mandates):
        return
    right = [
        OfficerWrite.model_validate(
            {**held[one.mandate_id], **told(one, "mandate_id")}, strict=False
        )
        for one in mandates
    ]
    again = OfficersChange.model_construct(decided_on=facts.wrong_decided_on, mandates=right)
    yield from mandates_are_whole(again, law, facts)
    yield from linked(right, law, "mandates")
    for n, (one, new) in enumerate(zip(mandates, right, strict=True)):
        if one.model_fields_set & {"organ", "representative"}:
            yield from mandate_is_represented(
                new, facts.legal_members, law, f"/payload/mandates/{n}"
            )
    yield from _supervision_holds(said, law, facts)


def terms_begin_before_the_end(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 18: a mandate that has ended began before that, also where the day on which it
    began is put right (R19)."""
    order, held_until = law.norm("MANDATE_DATES"), _held_until(facts.happenings)
    for n, one in enumerate(said.mandates or []):
        if order and one.from_on and one.from_on > held_until.get(one.mandate_id, date.max):
            yield order.finding(f"/payload/mandates/{n}/from_on")


def right_ends(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """The right end of a mandate is asked what the wrong one was (R19), of the record as it would
    be had the filing said nothing. It has come by today, or never came."""
    if facts.corrects is None or facts.effective_on is None:
        return
    known = {one.revision: one for one in facts.happenings}
    first = root(known[facts.corrects], known).revision
    others = [one for one in facts.happenings if root(one, known).revision != first]
    unsaid = replace(facts, state=state_on(others, facts.effective_on))
    again = OfficersChange.model_construct(ends=[*(said.ends or [])])
    yield from ends_are_known(again, law, unsaid)
    yield from ends_follow_beginnings(again, law, unsaid)
    for n, one in enumerate(said.ends or []):
        at = f"/payload/ends/{n}/ended_on"
        if one.ended_on and one.is_undone:
            yield Finding(code="END_NOT_EXPECTED", pointer=at)
        elif one.ended_on and one.ended_on > facts.today:
            yield Finding(code="DATE_IN_FUTURE", pointer=at)


def _but_too_few(rule: Rule) -> Rule:
    def asked(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
        yield from (one for one in rule(r, law, facts) if not lacking(one))

    return asked


_OF_OFFICES = (
    officers_are_members,
    *map(_but_too_few, (managing_organ, supervisory_organ)),
    organs_are_apart,
)


def right_ends_hold(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """Who held a mandate for longer than was said did it lawfully on these days, too: as a member
    (R18), in one organ (R16), beside no more than the law allows (R11-R14); nobody is one too few
    by it. What was broken then without it is no fault of the right day."""
    if not said.ends or facts.effective_on is None:
        return
    until, told = _held_until(facts.happenings), set[str]()
    first = min(until.get(one.mandate_id, facts.effective_on) for one in said.ends)
    since = replace(facts, effective_on=min(first, facts.effective_on))
    for day, state in outcomes(mandate_changes, said, since):
        found = broken(_OF_OFFICES, state, law, facts)
        unsaid = _many(broken(_OF_OFFICES, state_on(facts.happenings, day), law, facts))
        for one in found:
            if _many(found)[one.code] > unsaid[one.code] and one.code not in told:
                told.add(one.code)
                yield replace(one, pointer="/payload/ends")


def _many(found: Iterable[Finding]) -> Counter[str]:
    # how many there are, or break it, by code
    many = Counter[str]()
    for one in found:
        many[one.code] += int(one.params.get("actual", 1))
    return many


def _held_until(happenings: Iterable[Happening]) -> dict[str, date]:
    lines = ((key, line[-1]) for (part, key), line in timelines(happenings).items()
             if part == Part.MANDATE)  # fmt: skip
    return {key: day for key, (day, _, value) in lines if value is None}
