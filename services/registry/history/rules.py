"""What a cooperative was, is and was known to be: the fold of its effects. Pure functions.

An effect is what one approved filing said: assignments to named parts of the record, true from a
day on. The record at a day, as known at an instant, is the fold of the effects known then whose day
has come, in the order of `in_order`. Nothing else is the truth; every table is drawn from it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from services.registry.fields import CourtMeasure


class Part(StrEnum):
    """What an assignment is about: a field of the record, a member, a mandate."""

    FIELD = "FIELD"
    MEMBER = "MEMBER"
    MANDATE = "MANDATE"


@dataclass(frozen=True)
class Change:
    """One assignment: `key` names the field, the member or the mandate; None takes it away.

    `field.entry` assigns one entry of a field that is made of entries (None takes it away): what
    is said about the others, for an earlier day or a later one, stays. `since` is an earlier day
    than that of the effect, from which this one assignment is true; of the right end of a mandate,
    any day. `is_undone` takes away an end that was said: the mandate did not end.
    """

    part: Part
    key: str
    value: Any
    since: date | None = None
    is_undone: bool = False

    @property
    def ends_a_mandate(self) -> bool:
        """Whether it says since when somebody is no officer any more, or that they still are."""
        return self.part == Part.MANDATE and self.value is None

    def kept(self) -> dict[str, Any]:
        """As an effect keeps it."""
        since = {"since": self.since.isoformat()} if self.since else {}
        undone = {"is_undone": True} if self.is_undone else {}
        return {"part": self.part.value, "key": self.key, "value": self.value, **since, **undone}


def changes_of(kept: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The assignments that an effect keeps. Earlier ones said a provisional administration as the
    last order of a court alone: it is one until a court ends it, whatever is ordered next."""
    found = [_change_of(one) for one in kept]
    fields = {one.key: one.value for one in found if one.part == Part.FIELD}
    order = fields.get("court_order") or {}
    is_one = order.get("measure") == CourtMeasure.PROVISIONAL_ADMINISTRATION
    if is_one and "provisional_administration" not in fields:
        found.append(Change(Part.FIELD, "provisional_administration", order))
    return found


def _change_of(kept: Mapping[str, Any]) -> Change:
    since = date.fromisoformat(kept["since"]) if "since" in kept else None
    is_undone = kept.get("is_undone", False)
    return Change(Part(kept["part"]), kept["key"], kept["value"], since, is_undone)


@dataclass(frozen=True)
class Stretch:
    """Some days over which one value holds; `until` is the first day on which it does not."""

    since: date
    until: date | None
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Happening:
    """An effect as the fold sees it. `corrects` is the revision of the effect that was wrong."""

    filing_id: UUID
    revision: int
    effective_on: date
    changes: Sequence[Change]
    corrects: int | None = None


@dataclass(frozen=True)
class State:
    """The record on one day."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mandates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def is_begun(self) -> bool:
        """Whether there is a record that day: what was said of days before its registration makes
        none."""
        return self.fields.get("registration_number") is not None

    def after(self, changes: Iterable[Change]) -> "State":
        """The record with `changes` made."""
        parts = {
            Part.FIELD: dict(self.fields),
            Part.MEMBER: dict(self.members),
            Part.MANDATE: dict(self.mandates),
        }
        for change in changes:
            field, _, entry = change.key.partition(".")
            if change.part == Part.FIELD and entry:
                whole = entries_of(parts[Part.FIELD].get(field))
                kept = {name: value for name, value in whole.items() if name != entry}
                new = {} if change.value is None else {entry: change.value}
                parts[Part.FIELD][field] = {**kept, **new}
            elif change.value is None and change.part != Part.FIELD:
                parts[change.part].pop(change.key, None)
            else:
                parts[change.part][change.key] = change.value
        return State(parts[Part.FIELD], parts[Part.MEMBER], parts[Part.MANDATE])


def entries_of(whole: Any) -> dict[str, Any]:
    """A field by its entries, also one that an effect of an earlier time assigned whole: there the
    numbers of a record were one list, of which an entry is what it says of one scheme."""
    if not isinstance(whole, list):
        return dict(whole or {})
    schemes = dict.fromkeys(one["scheme"] for one in whole)
    return {name: [one for one in whole if one["scheme"] == name] for name in schemes}


def in_order(happenings: Iterable[Happening]) -> list[tuple[date, Happening]]:
    """Each with the day from which it is true: by that day, then by recording. One of which a part
    is true from another day stands there, too, with that part alone.

    A correction is true from the day of what it corrects and stands right behind it, so that what
    was said later about the same thing still holds. The end of a mandate that it says takes the
    place of the wrong one, which may have been the earlier; or of one that never was.
    """
    known = _with_right_ends({one.revision: one for one in happenings})

    def place(placed: tuple[date, Happening]) -> tuple[date, int, int]:
        day, one = placed
        return day, root(one, known).revision, one.revision

    every = (
        placed for one in known.values() for placed in _by_day(one, root(one, known).effective_on)
    )
    return sorted(every, key=place)


def _with_right_ends(known: dict[int, Happening]) -> dict[int, Happening]:
    last = {
        (root(one, known).revision, change.key): revision
        for revision, one in sorted(known.items())
        if one.corrects is not None
        for change in one.changes
        if change.ends_a_mandate
    }
    if not last:
        return known

    def holds(one: Happening, change: Change) -> bool:
        if not change.ends_a_mandate:
            return True
        said_last = last.get((root(one, known).revision, change.key), one.revision)
        return said_last == one.revision and not change.is_undone

    return {
        revision: replace(one, changes=[it for it in one.changes if holds(one, it)])
        for revision, one in known.items()
    }


def root(one: Happening, known: Mapping[int, Happening]) -> Happening:
    """What a correction puts right in the end, by revision; any other effect is its own."""
    while one.corrects is not None:
        one = known[one.corrects]
    return one


def _by_day(one: Happening, day: date) -> Iterator[tuple[date, Happening]]:
    others = {change.since for change in one.changes if change.since}
    if not others:
        yield day, one
        return
    for on in sorted({*others, day}):
        said = [change for change in one.changes if (change.since or day) == on]
        yield on, replace(one, changes=said)


def states(happenings: Iterable[Happening]) -> Iterator[tuple[date, Happening, State]]:
    """From each day on which something takes effect: the last that did, and the record."""
    state = State()
    for day, group in groupby(in_order(happenings), key=lambda placed: placed[0]):
        for _, last in group:
            state = state.after(last.changes)
        yield day, last, state


def state_on(happenings: Iterable[Happening], day: date) -> State:
    """The record on `day`."""
    now = State()
    for since, _, state in states(happenings):
        if since > day:
            break
        now = state
    return now


def without_and_with(known: Sequence[Happening]) -> Iterator[tuple[date, State, State]]:
    """From each day on which something takes effect: the record without the last of `known`, and
    with it."""
    without, whole = ({day: now for day, _, now in states(it)} for it in (known[:-1], known))
    before, after = State(), State()
    for day in sorted({*without, *whole}):
        before, after = without.get(day, before), whole.get(day, after)
        yield day, before, after


Timeline = list[tuple[date, Happening, Any]]


def timelines(happenings: Iterable[Happening]) -> dict[tuple[Part, str], Timeline]:
    """For each key of each part: from which day it had which value (None: not there), by whom."""
    found: dict[tuple[Part, str], Timeline] = {}
    for day, one in in_order(happenings):
        for change in one.changes:
            line = found.setdefault((change.part, change.key), [])
            if line and line[-1][0] == day:
                line.pop()
            if not line or line[-1][2] != change.value:
                line.append((day, one, change.value))
    return found
