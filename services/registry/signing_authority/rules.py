"""Who binds a cooperative on a day: the mandates on record, held against the rules of its statutes.

Pure functions. No confirmed text says who binds a cooperative whose statutes state no rule, so
that nothing is assumed for one. Only what is published (AUSCOOP art. 70) decides: who holds no
mandate is nobody, and a member without a mandate looks like a stranger.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
Mandates = Mapping[str, Mapping[str, Any]]
_LIQUIDATOR = "AUSCOOP art. 183"
_STATUTES = "AUSCOOP art. 18"
_SITS = "AUSCOOP art. 296"


@dataclass(frozen=True)
class Seat:
    """A mandate on record on the day; what is wrong with it for signing, if anything."""

    mandate_id: str
    value: Mapping[str, Any]
    doubt: str | None


@dataclass(frozen=True)
class Person:
    """Somebody asked about: a holder of mandates, or nobody (no `member_id`). `name`: of a natural
    person."""

    member_id: str | None = None
    seats: tuple[Seat, ...] = ()
    doubts: tuple[str, ...] = ()
    is_again: bool = False
    name: Name | None = None

    @property
    def functions(self) -> frozenset[str]:
        """The functions in which this person signs; none for somebody named before."""
        return frozenset(mandate["function"] for mandate in self._counted)

    def representatives(self, functions: Collection[str]) -> frozenset[Name]:
        """Who sits for this person in these functions, by name."""
        seats = (one for one in self._counted if one["function"] in functions)
        named = (_name(**seat.get("representative") or {}) for seat in seats)
        return frozenset(filter(None, named))

    @property
    def _counted(self) -> Iterator[Mapping[str, Any]]:
        if not (self.is_again or self.doubts):
            yield from (seat.value for seat in self.seats if seat.doubt is None)

    def may_be(self, other: "Person", functions: Collection[str]) -> bool:
        """Whether one human may sit for both in these functions: a representative is known by name
        alone. Members of one name are two persons on record."""
        mine, theirs = self.representatives(functions), other.representatives(functions)
        return bool(self.functions and other.functions) and bool(
            mine & (theirs | {other.name}) or self.name in theirs
        )


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


def persons_on(asked: Sequence[PersonToSign], state: State, names: Names, on: date) -> list[Person]:
    """Who they are, and what they hold on the day; somebody named twice counts once."""
    found: list[Person] = []
    seen: set[str] = set()
    for one in asked:
        who = _holders(one, state, names)
        if len(who) != 1:
            found.append(Person(doubts=(_UNKNOWN if not who else _AMBIGUOUS,)))
            continue
        [(id, held)] = who.items()
        person = _person(id, held, state, on)
        found.append(replace(person, is_again=id in seen, name=_name(**names[id])))
        seen.add(id)
    return found


_UNKNOWN, _AMBIGUOUS = "SIGNATORY_WITHOUT_MANDATE", "SIGNATORY_AMBIGUOUS"


def _holders(one: PersonToSign, state: State, names: Names) -> Mapping[str, Mandates]:
    """By holder, the mandates in which who is meant sits: who represents a legal person (AUSCOOP
    art. 296) counts for it, in the mandates that name them."""
    meant = state.mandates.get(str(one.mandate_id), {}).get("member_id", str(one.member_id))
    wanted = _name(one.family_name, one.given_names)
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for key, mandate in state.mandates.items():
        id = str(mandate["member_id"])
        called = _name(**names[id]), _name(**mandate.get("representative") or {})
        if id == meant or (wanted and wanted in called):
            found.setdefault(id, {})[key] = mandate
    return found


def _name(family_name: str | None = None, given_names: str | None = None) -> Name | None:
    found = fold(family_name or ""), fold(given_names or "")
    return found if all(found) else None


def _person(id: str, held: Mandates, state: State, on: date) -> Person:
    seats = tuple(Seat(key, mandate, _doubt(mandate, on)) for key, mandate in held.items())
    # nobody leaves who holds a mandate; a correction may still show that somebody had
    doubts = () if id in state.members else ("SIGNATORY_LEFT",)
    return Person(id, seats, doubts)


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
    doubts = tuple(_doubts(people))
    rules = rules_of(state)
    if not rules:
        unsaid = Finding(code="SIGNING_RULES_NOT_STATED", severity="WARN", law_ref=_STATUTES)
        return Verdict(Binding.NOT_STATED, (unsaid, *doubts))
    for n, rule in enumerate(rules):
        if _covers(rule, amount) and _signing(rule, people) >= rule["signatures"]:
            return Verdict(Binding.MAY_BIND, doubts, n)
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


def _signing(rule: Mapping[str, Any], people: Sequence[Person]) -> int:
    # one person with two functions, or who sits for two, is one signature; who sits for nobody is
    # counted first, so that no order of the persons asked about makes another number
    functions, counted = rule["functions"], list[Person]()
    for person in sorted(people, key=lambda one: len(one.representatives(functions))):
        signs = not person.functions.isdisjoint(functions)
        if signs and not any(person.may_be(other, functions) for other in counted):
            counted.append(person)
    return len(counted)


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
            told = {"rule": n, "required": rule["signatures"], "actual": _signing(rule, people)}
            told["functions"] = ", ".join(rule["functions"])
            yield Finding(code="SIGNATURES_MISSING", params=told, law_ref=_STATUTES)


def _doubts(people: Sequence[Person]) -> Iterator[Finding]:
    for n, person in enumerate(people):
        at = f"/persons/{n}"
        if person.is_again:
            yield Finding(code="SIGNATORY_NAMED_TWICE", pointer=at, severity="WARN")
            continue
        if any(person.may_be(other, person.functions | other.functions) for other in people[:n]):
            yield Finding(code="SIGNATORY_SITS_TWICE", pointer=at, severity="WARN", law_ref=_SITS)
        for code in person.doubts:
            yield Finding(code=code, pointer=at, severity="WARN")
        doubted = [seat.doubt for seat in person.seats if seat.doubt is not None]
        for code in dict.fromkeys(doubted):
            yield Finding(code=code, pointer=at, severity="WARN")
