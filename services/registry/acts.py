"""What every filing about a cooperative that exists has in common: its shape and its rules."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from chassis.errors import Finding
from services.registry.fields import Legal, LegalForm, Organ, Sex
from services.registry.history.rules import (
    Change,
    Happening,
    Part,
    State,
    in_order,
    state_on,
    states,
)
from services.registry.law.rules import Facts, Law
from services.registry.names import has_hidden_characters
from services.registry.registrations.schemas import (
    DocumentRef,
    MemberWrite,
    OfficerWrite,
    Registration,
    Seat,
)

Rule = Callable[[Any, Law, Facts], Iterator[Finding]]


class Decided(Incoming):
    """Something that an assembly or an organ decided, and the pieces that show it."""

    decided_on: Legal | None = None
    documents: Annotated[list[DocumentRef], Field(max_length=50)] | None = None

    @property
    def holds_from(self) -> date | None:
        """From when it is true, where the filing states no other day."""
        return self.decided_on

    @property
    def dated_by(self) -> str:
        """Where the payload says from when it is true."""
        return "decided_on"

    @property
    def not_before(self) -> date | None:
        """The first day from which a filing may state that it is true."""
        return self.decided_on


@dataclass(frozen=True)
class Case:
    """What the changes of a filing are worked out from: the record before it, and the ids under
    which its new persons are entered (before an approval: their own reference)."""

    state: State
    ids: Mapping[str, str] = field(default_factory=dict)
    day: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)  # numbers and days that we give
    place: Mapping[str, Any] = field(default_factory=dict)  # the seat that it names, whole
    wrong: Sequence[Change] = ()  # what the filing said that a correction is about

    def person(self, ref: str) -> str:
        """The id of a person that the filing brings, or of a member there already."""
        return self.ids.get(ref, ref)


def member_of(one: MemberWrite, case: Case) -> dict[str, Any]:
    """Somebody who becomes a member, as the record keeps it."""
    sex = one.sex.value if one.sex else Sex.NOT_STATED.value
    return {"sex": sex, "shares": one.shares or 0, "admitted_on": case.day}


Changes = Callable[[Any, Case], list[Change]]


def fields_of(**values: Any) -> list[Change]:
    """One assignment for each field that was stated."""
    return [Change(Part.FIELD, name, it) for name, it in values.items() if it is not None]


def entries(field: str, **values: Any) -> list[Change]:
    """One assignment for each entry of a field; None takes an entry away."""
    return [Change(Part.FIELD, f"{field}.{name}", it) for name, it in values.items()]


def required(*names: str) -> Rule:
    """A submission leaves none of these open."""

    def rule(declared: Any, _: Law, __: Facts) -> Iterator[Finding]:
        for name in names:
            if getattr(declared, name) in (None, "", []):
                yield Finding(code="FIELD_MISSING", pointer=f"/payload/{name}")

    return rule


def texts_are_plain(declared: Incoming, _: Law, __: Facts) -> Iterator[Finding]:
    """No control, bidirectional or zero-width character, wherever a text stands: two texts must
    not look like one."""
    for at in _hidden(declared):
        yield Finding(code="TEXT_HIDDEN_CHARACTERS", pointer=f"/payload{at}")


def _hidden(node: Any) -> Iterator[str]:
    if isinstance(node, str) and has_hidden_characters(node):
        yield ""
    elif isinstance(node, BaseModel | list):
        inner: Iterable[tuple[Any, Any]] = enumerate(node) if isinstance(node, list) else node
        for name, value in inner:
            yield from (f"/{name}{at}" for at in _hidden(value))


def inside(part: str, *rules: Rule) -> Rule:
    """The rules of a thing, asked of it where it is one part of a declaration, if it is stated."""

    def rule(declared: Any, law: Law, facts: Facts) -> Iterator[Finding]:
        it = getattr(declared, part)
        for ask in rules if it is not None else ():
            for found in ask(it, law, facts):
                at = (found.pointer or "").replace("/payload", f"/payload/{part}", 1)
                yield replace(found, pointer=at)

    return rule


def decided_in_time(declared: Decided, law: Law, facts: Facts) -> Iterator[Finding]:
    """It was decided in the past; a change is declared within thirty days of the day from which it
    is true (R26): later is accepted, with a flag."""
    norm, since = law.norm("LATE_MODIFICATION"), declared.holds_from
    if declared.decided_on is not None and declared.decided_on > facts.today:
        yield Finding(code="DATE_IN_FUTURE", pointer="/payload/decided_on")
    elif norm and since and facts.filed_on - since > timedelta(days=norm.numbers[0]):
        days = (facts.filed_on - since).days
        yield norm.finding(f"/payload/{declared.dated_by}", days=days)


def takes_effect_in_time(declared: Any, _: Law, facts: Facts) -> Iterator[Finding]:
    """It takes effect on a day between the registration and today, not before it was decided."""
    on, first = facts.effective_on, getattr(declared, "not_before", None)
    if on is None:
        return
    if on > facts.today:
        yield Finding(code="DATE_IN_FUTURE", pointer="/effective_on")
    elif facts.began_on is not None and on < facts.began_on:
        yield Finding(code="EFFECTIVE_BEFORE_REGISTRATION", pointer="/effective_on")
    elif first is not None and on < first:
        yield Finding(code="EFFECTIVE_BEFORE_DECISION", pointer="/effective_on")


def outcomes(changes: Changes, declared: Any, facts: Facts) -> Iterator[tuple[date, State]]:
    """The record on each day from the one on which the filing takes effect, once it is approved:
    what was already said about later days must go with it."""
    one = _approved(changes, declared, facts)
    if one is None:
        return
    every = [*facts.happenings, one]
    days = {day for day, _ in in_order(every) if day >= one.effective_on}
    for day in sorted(days):
        yield day, state_on(every, day)


def _approved(changes: Changes, declared: Any, facts: Facts) -> Happening | None:
    # what the filing will have said; None where there is no record yet, which is said elsewhere
    day, began = facts.effective_on, facts.began_on
    if day is None or began is None or day < began:
        return None
    case = Case(facts.state, day=day.isoformat(), wrong=facts.wrong)
    filing_id, revision = facts.happenings[0].filing_id, len(facts.happenings) + 1
    return Happening(filing_id, revision, day, changes(declared, case), facts.corrects)


def holds_after(
    changes: Changes, rules: Iterable[Rule], at: str, *, but_vacancies: bool = False
) -> Rule:
    """What the law asks of a registration must hold once the filing is approved, too; what does
    not is said at `at`, once. Who left an organ before anybody could be elected (R20) is missing
    on record: `but_vacancies` holds that against no filing under which it stays as it was, and only
    tells it to one under which no more are lacking than had left before it takes effect."""
    asked = tuple(rules)

    def rule(declared: Any, law: Law, facts: Facts) -> Iterator[Finding]:
        said: set[tuple[str, str]] = set()
        for day, state in outcomes(changes, declared, facts):
            found = broken(asked, state, law, facts)
            if found and but_vacancies:
                left = _once_left(changes, declared, facts)
                known, before = (
                    broken(asked, state_on(it, day), law, facts) for it in (facts.happenings, left)
                )
                empty = _emptied(left, day)
                found = [_beside(before, empty, one) for one in found if one not in known]
            for finding in found:
                if (kind := (finding.code, finding.severity)) not in said:
                    said.add(kind)
                    yield replace(finding, pointer=at)

    return rule


def _once_left(changes: Changes, declared: Any, facts: Facts) -> Sequence[Happening]:
    # what was approved, and of the filing the mandates that had ended before it takes effect: one
    # that says so and names who follows is asked what two are, which say one after the other
    one = _approved(changes, declared, facts)
    if one is None:
        return facts.happenings
    gone = [
        it for it in one.changes if it.ends_a_mandate and (it.since or date.max) < one.effective_on
    ]
    return [*facts.happenings, replace(one, changes=gone)] if gone else facts.happenings


def lacking(finding: Finding) -> int:
    """How many a finding about an organ says are too few."""
    return max(0, int(finding.params.get("min", 1)) - int(finding.params.get("actual", 1)))


_SIZES = {Organ.MANAGING: "BOARD_SIZE", Organ.SUPERVISORY: "SUPERVISION_SIZE"}


def _emptied(known: Iterable[Happening], day: date) -> set[str]:
    # which organs everybody had left, by what the law says of their size: none is broken by it.
    # Only who held an organ of this form before has left it: nobody whom a filing about a later
    # day names, and nobody who was entered wrongly
    line = [state for since, _, state in states(known) if since <= day]
    form = line[-1].fields.get("legal_form")
    of_the_form = (one for one in line if one.fields.get("legal_form") == form)
    ever = {organ for one in of_the_form for organ in _organs(one)}
    return {code for organ, code in _SIZES.items() if organ in ever - _organs(line[-1])}


def _organs(state: State) -> set[str]:
    return {mandate["organ"] for mandate in state.mandates.values()}


def _beside(before: Iterable[Finding], empty: Container[str], one: Finding) -> Finding:
    were = [lacking(it) for it in before if it.code == one.code]
    is_vacancy = one.code in empty or any(many >= lacking(one) for many in were)
    return replace(one, severity="WARN") if lacking(one) and is_vacancy else one


def broken(asked: Iterable[Rule], state: State, law: Law, facts: Facts) -> list[Finding]:
    """What the law asks of the form that the record has then, and the record does not keep."""
    whole, its = as_registration(state), law.of(state.fields["legal_form"])
    return [finding for ask in asked for finding in ask(whole, its, facts)]


def as_registration(state: State) -> Registration:
    """The record in the words of a declaration, so that one rule serves both. A record may have
    more members than one declaration: its limits are not asked."""
    fields, commune = state.fields, state.fields.get("commune_code")
    return Registration.model_construct(
        legal_form=LegalForm(fields["legal_form"]),
        name=fields.get("name"),
        object=fields.get("object"),
        common_bond=fields.get("common_bond"),
        seat=Seat.model_construct(commune_code=commune) if commune else None,
        share_cap_percent=(fields.get("bylaws") or {}).get("share_cap_percent"),
        share_value_xof=fields.get("share_value_xof"),
        capital_xof=fields.get("capital_xof"),
        members=[
            MemberWrite.model_construct(id=id, sex=Sex(member["sex"]), shares=member["shares"])
            for id, member in state.members.items()
        ],
        officers=[OfficerWrite.model_validate(dict(one), strict=False)
                  for one in state.mandates.values()],
    )  # fmt: skip
