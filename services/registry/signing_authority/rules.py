"""Who binds a cooperative on a day: the mandates on record, held against the rules of its statutes.

Pure functions. No confirmed text says who binds a cooperative whose statutes state no rule, so
that nothing is assumed for one. Only what is published (AUSCOOP art. 70) decides: who holds no
mandate is nobody, and a member without a mandate looks like a stranger.
"""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chassis.errors import Finding
from services.registry.cooperatives.states import CLOSED, Life
from services.registry.fields import Organ
from services.registry.history.rules import State
from services.registry.names import fold
from services.registry.signing_authority.schemas import PersonToSign
from services.registry.signing_authority.states import Binding
from services.registry.standing import administration_of

Name = tuple[str, str]
Names = Mapping[str, Mapping[str, str]]
# Who acts in a seat: a member who is a natural person, by id; who sits for a legal person, known by
# name alone; or somebody of whom nothing is on record, by the id of the mandate.
Human = str | Name
Functions = Collection[str]
_LIQUIDATOR = "AUSCOOP art. 183"
_STATUTES = "AUSCOOP art. 18"
_SITS = "AUSCOOP art. 296"


@dataclass(frozen=True)
class Seat:
    """A mandate on record on the day, and who acts in it; what is wrong with it for signing, if
    anything."""

    mandate_id: str
    value: Mapping[str, Any]
    doubt: str | None
    human: Human

    @property
    def member_id(self) -> str:
        """Who holds the mandate."""
        return str(self.value["member_id"])

    @property
    def is_known(self) -> bool:
        """Whether it is on record who acts in it."""
        return self.human != self.mandate_id


@dataclass(frozen=True)
class Person:
    """Somebody asked about: a holder of mandates with those in which who is meant acts, or nobody
    (no `member_id`). `name`: of a natural person. `is_again`: they were named before."""

    member_id: str | None = None
    seats: tuple[Seat, ...] = ()
    doubts: tuple[str, ...] = ()
    name: Name | None = None
    is_again: bool = False

    @property
    def counted(self) -> list[Seat]:
        """The seats from which this person signs."""
        return [] if self.doubts else [seat for seat in self.seats if seat.doubt is None]

    @property
    def functions(self) -> frozenset[str]:
        """The functions in which this person signs."""
        return frozenset(seat.value["function"] for seat in self.counted)

    def humans(self, functions: Functions) -> set[Human]:
        """Who may sign for this person in these functions."""
        return {seat.human for seat in self.counted if seat.value["function"] in functions}


@dataclass(frozen=True)
class Verdict:
    """The answer with its reasons."""

    result: Binding
    reasons: Sequence[Finding] = field(default_factory=tuple)
    rule: int | None = None


def misnamed(persons: Sequence[PersonToSign]) -> Iterator[Finding]:
    """Each is named in exactly one way."""
    for n, one in enumerate(persons):
        by_name = (one.family_name, one.given_names)
        ways = [one.mandate_id, one.member_id, one.family_name or one.given_names]
        if sum(way is not None for way in ways) != 1 or (any(by_name) and not all(by_name)):
            yield Finding(code="SIGNATORY_REFERENCE", pointer=f"/persons/{n}")


def persons_on(
    asked: Sequence[PersonToSign],
    state: State,
    names: Names,
    on: date,
    legal: Collection[str] = frozenset(),
) -> list[Person]:
    """Who they are, and in which mandates they act on the day. `legal`: who is a legal person;
    whoever is represented is one, too (AUSCOOP art. 296)."""
    held = state.mandates.items()
    sent = {str(one["member_id"]) for _, one in held if one.get("representative")} | {*legal}
    seats = [Seat(id, one, _doubt(one, on), _human(id, one, sent)) for id, one in held]
    found = [_person(one, seats, state, names, sent) for one in asked]
    return [replace(one, is_again=_is_again(n, found)) for n, one in enumerate(found)]


_UNKNOWN, _AMBIGUOUS = "SIGNATORY_WITHOUT_MANDATE", "SIGNATORY_AMBIGUOUS"


def _human(id: str, mandate: Mapping[str, Any], legal: Container[str]) -> Human:
    if mandate["member_id"] not in legal:
        return str(mandate["member_id"])
    return _name(**mandate.get("representative") or {}) or id


def _person(
    one: PersonToSign, seats: Sequence[Seat], state: State, names: Names, legal: Container[str]
) -> Person:
    meant = _meant(one, seats, names)
    holders = {seat.member_id for seat in meant}
    if len(holders) != 1:
        return Person(doubts=(_AMBIGUOUS if holders else _UNKNOWN,))
    [id] = holders
    # nobody leaves who holds a mandate; a correction may still show that somebody had
    doubts = () if id in state.members else ("SIGNATORY_LEFT",)
    return Person(id, tuple(meant), doubts, None if id in legal else _name(**names[id]))


def _meant(one: PersonToSign, seats: Sequence[Seat], names: Names) -> list[Seat]:
    """The seats of who is meant: every one of a member, or of who sits for one: in another seat of
    a legal person, somebody else may (AUSCOOP art. 296)."""
    wanted = _name(one.family_name, one.given_names)
    here = {(it.member_id, it.human) for it in seats if it.mandate_id == str(one.mandate_id)}
    return [
        seat
        for seat in seats
        if seat.member_id == str(one.member_id)
        or (seat.member_id, seat.human) in here
        or (wanted and wanted in (seat.human, _name(**names[seat.member_id])))
    ]


def _is_again(n: int, people: Sequence[Person]) -> bool:
    # two who sit for one member are two; not so where the member is named, which is both of them
    seats = [{seat.mandate_id for seat in one.seats} for one in people]
    return any(seats[n] & it and seats[m] & it for m in range(n) for it in seats)


def _name(family_name: str | None = None, given_names: str | None = None) -> Name | None:
    found = fold(family_name or ""), fold(given_names or "")
    return found if all(found) else None


def _doubt(mandate: Mapping[str, Any], on: date) -> str | None:
    if mandate["organ"] != Organ.MANAGING:
        return "MANDATE_SUPERVISES"
    if date.fromisoformat(mandate["from_on"]) > on:
        return "MANDATE_NOT_BEGUN"
    until = mandate["to_on"]
    return "MANDATE_EXPIRED" if until and date.fromisoformat(until) < on else None


def may_bind(state: State, asked: Sequence[PersonToSign], people: Sequence[Person],
             amount: int) -> Verdict:  # fmt: skip
    """Whether these persons, together, bind the cooperative for this amount."""
    life = Life(state.fields["life"])
    if life in CLOSED:
        closed = Finding(code="SIGNING_RECORD_CLOSED", params={"life": life.value})
        return Verdict(Binding.MAY_NOT_BIND, (closed,))
    if life == Life.IN_LIQUIDATION:
        return _liquidator_signs(state, asked)
    # whom a court put in charge, and of what, stands in its order and not in the register
    if administration_of(state):
        ordered = Finding(code="SIGNING_COURT_ORDER", severity="WARN")
        return Verdict(Binding.NOT_STATED, (ordered,))
    return _by_the_statutes(rules_of(state), people, amount)


def _by_the_statutes(
    rules: Sequence[Mapping[str, Any]], people: Sequence[Person], amount: int
) -> Verdict:
    covering = [(n, rule) for n, rule in enumerate(rules) if _covers(rule, amount)]
    for n, rule in covering:
        if _certain(people, rule["functions"]) >= rule["signatures"]:
            return Verdict(Binding.MAY_BIND, tuple(_doubts(people, [rule["functions"]])), n)
    for _, rule in covering:
        if _signatures(people, rule["functions"]) >= rule["signatures"]:
            return Verdict(Binding.NOT_STATED, tuple(_doubts(people, [rule["functions"]])))
    every = frozenset[str]().union(*(one.functions for one in people))
    doubts = _doubts(people, [rule["functions"] for _, rule in covering] or [every])
    if not rules:
        unsaid = Finding(code="SIGNING_RULES_NOT_STATED", severity="WARN", law_ref=_STATUTES)
        return Verdict(Binding.NOT_STATED, (unsaid, *doubts))
    return Verdict(Binding.MAY_NOT_BIND, (*_short_of(rules, people, amount), *doubts))


def rules_of(state: State) -> list[dict[str, Any]]:
    """The signing rules of the statutes on record."""
    return list((state.fields.get("bylaws") or {}).get("signing_rules") or [])


def liquidator_of(state: State) -> str | None:
    """The liquidator on record, by name: it stands on every document (AUSCOOP art. 183)."""
    return (state.fields.get("liquidation") or {}).get("liquidator") or None


def _liquidator_signs(state: State, asked: Sequence[PersonToSign]) -> Verdict:
    name = liquidator_of(state)
    if name is None:
        unsaid = Finding(code="SIGNING_LIQUIDATOR_NOT_STATED", severity="WARN", law_ref=_LIQUIDATOR)
        return Verdict(Binding.NOT_STATED, (unsaid,))
    wanted = sorted(fold(name).split())
    named = [sorted(fold(f"{p.given_names or ''} {p.family_name or ''}").split()) for p in asked]
    if wanted and wanted in named:
        return Verdict(Binding.MAY_BIND, (_only_liquidator("WARN"),))
    return Verdict(Binding.MAY_NOT_BIND, (_only_liquidator("BLOCK"),))


def _only_liquidator(severity: Any) -> Finding:
    return Finding(code="SIGNING_LIQUIDATOR_ONLY", severity=severity, law_ref=_LIQUIDATOR)


def _covers(rule: Mapping[str, Any], amount: int) -> bool:
    most = rule.get("up_to_xof")
    return most is None or amount <= most


def _certain(people: Sequence[Person], functions: Functions) -> int:
    """How many signatures there are, whoever sits where nobody is on record as sitting: it may be
    one of the others, but somebody signs."""
    known = [replace(one, seats=tuple(it for it in one.seats if it.is_known)) for one in people]
    return _signatures(known, functions) or min(1, _signatures(people, functions))


def _signatures(people: Sequence[Person], functions: Functions) -> int:
    """How many members sign in these functions, each by a human of its own: a member is one
    signature, and so is a human. It is the most that can be: no order makes another number."""
    humans: dict[str, set[Human]] = {}
    for one in people:
        if one.member_id and (here := one.humans(functions)):
            humans.setdefault(one.member_id, set()).update(here)
    # who signs as a member is not counted again as who sits for another
    own: set[Human] = {one.name for one in people if one.name and one.member_id in humans}
    return matched({id: here - own for id, here in humans.items()})


def matched(choices: Mapping[str, Collection[Human]]) -> int:
    """How many can have one of their choices, each a different one: a maximum matching, along
    augmenting paths."""
    taken: dict[Human, str] = {}

    def finds(one: str, tried: set[Human]) -> bool:
        for choice in choices[one]:
            if choice not in tried:
                tried.add(choice)
                if choice not in taken or finds(taken[choice], tried):
                    taken[choice] = one
                    return True
        return False

    return sum(finds(one, set()) for one in choices)


def _idle(people: Sequence[Person], functions: Functions) -> Iterator[int]:
    """The places of those with whom no signature comes to those of the members named before: who
    could sign for them signs already."""
    first: dict[str | None, int] = {}
    for n, one in enumerate(people):
        if one.humans(functions):
            first.setdefault(one.member_id, n)
    before, members = 0, set[str | None]()
    for member, n in first.items():
        members.add(member)
        now = _signatures([one for one in people if one.member_id in members], functions)
        if now == before:
            yield n
        before = now


def _short_of(
    rules: Sequence[Mapping[str, Any]], people: Sequence[Person], amount: int
) -> Iterator[Finding]:
    if not any(_covers(rule, amount) for rule in rules):
        most = max(rule["up_to_xof"] for rule in rules)
        yield Finding(code="SIGNING_AMOUNT_ABOVE_RULES", pointer="/amount_xof",
                      params={"max": most}, law_ref=_STATUTES)  # fmt: skip
        return
    for n, rule in enumerate(rules):
        if _covers(rule, amount):
            actual = _signatures(people, rule["functions"])
            told = {"rule": n, "required": rule["signatures"], "actual": actual}
            told["functions"] = ", ".join(rule["functions"])
            yield Finding(code="SIGNATURES_MISSING", params=told, law_ref=_STATUTES)


def _doubts(people: Sequence[Person], asked: Sequence[Functions]) -> Iterator[Finding]:
    idle = {n for functions in asked for n in _idle(people, functions)}
    for n, person in enumerate(people):
        at = f"/persons/{n}"
        if person.is_again:
            yield Finding(code="SIGNATORY_NAMED_TWICE", pointer=at, severity="WARN")
        elif person.member_id and any(person.member_id == it.member_id for it in people[:n]):
            yield Finding(code="SIGNATORY_SAME_MEMBER", pointer=at, severity="WARN", law_ref=_SITS)
        if n in idle:
            yield Finding(code="SIGNATORY_SITS_TWICE", pointer=at, severity="WARN", law_ref=_SITS)
        if not all(seat.is_known for seat in person.counted):
            yield Finding(code="REPRESENTATIVE_UNKNOWN", pointer=at, severity="WARN", law_ref=_SITS)
        doubted = [seat.doubt for seat in person.seats if seat.doubt is not None]
        for code in dict.fromkeys((*person.doubts, *doubted)):
            yield Finding(code=code, pointer=at, severity="WARN")
