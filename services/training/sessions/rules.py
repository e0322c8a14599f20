"""What a plan must satisfy: pure functions over values. Numbers are those of the rule table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Protocol

from chassis.errors import Finding
from services.training.tools.schemas import Module, total_minutes


class Slot(Protocol):
    """A stretch of time with its modules."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def module_codes(self) -> Sequence[str]: ...


SIZES = {"min_participants", "reserved_women", "reserved_youth"}


def sizes_agree(capacity: int, sizes: Mapping[str, int]) -> Iterator[Finding]:
    """The minimum and the reserves are never above the capacity (rule 9)."""
    for name, size in sorted(sizes.items()):
        if size > capacity:
            params = {"max": capacity, "actual": size}
            yield Finding(code="INVALID_CAPACITY", pointer=f"/{name}", params=params)


def size_fits_programme(capacity: int, minimum: int, maximum: int) -> Iterator[Finding]:
    """The programme version says how many learn together (rule 9)."""
    if not minimum <= capacity <= maximum:
        params = {"min": minimum, "max": maximum, "actual": capacity}
        yield Finding(code="CAPACITY_OUTSIDE_PROGRAMME", pointer="/capacity", params=params)


def slots_are_orderly(slots: Sequence[Slot]) -> Iterator[Finding]:
    """Each slot ends after it starts, and no two overlap (rule 19)."""
    for n, slot in enumerate(slots):
        if slot.ends_at <= slot.starts_at:
            yield _timetable(f"/slots/{n}/ends_at", "ends_after_start")
    ordered = sorted(slots, key=lambda slot: slot.starts_at)
    if any(later.starts_at < earlier.ends_at for earlier, later in pairwise(ordered)):
        yield _timetable("/slots", "no_overlap")


def slots_cover_modules(slots: Sequence[Slot], modules: list[Module]) -> Iterator[Finding]:
    """As many minutes as the modules ask, and every mandatory module somewhere (rule 19)."""
    offered = sum(_minutes(slot) for slot in slots)
    wanted = total_minutes(modules)
    if offered < wanted:
        yield _timetable("/slots", "total_minutes", min=wanted, actual=offered)
    known = {module.code for module in modules}
    taught = {code for slot in slots for code in slot.module_codes}
    for code in sorted(taught - known):
        yield _timetable("/slots", f"unknown_module:{code}")
    for module in modules:
        if module.is_mandatory and module.code not in taught:
            yield _timetable("/slots", f"missing_module:{module.code}")


def slots_are_on_the_right_side(
    slots: Sequence[Slot], now: datetime, *, is_recorded_late: bool
) -> Iterator[Finding]:
    """A plan lies ahead; only a session that is openly recorded late lies behind, and wholly."""
    for n, slot in enumerate(slots):
        if is_recorded_late and slot.ends_at > now:
            yield Finding(code="SLOT_NOT_PAST", pointer=f"/slots/{n}/ends_at")
        elif not is_recorded_late and slot.starts_at <= now:
            yield Finding(code="SLOT_IN_PAST", pointer=f"/slots/{n}/starts_at")


def window_is_set(
    opens_at: datetime | None, closes_at: datetime | None, first: datetime
) -> Iterator[Finding]:
    """Registration opens before it closes, and closes before the first slot."""
    if closes_at is None or closes_at > first or (opens_at is not None and opens_at >= closes_at):
        yield Finding(code="REGISTRATION_WINDOW_INVALID", pointer="/registration_closes_at")


def overlaps(one: Sequence[Slot], other: Sequence[Slot]) -> bool:
    """Whether any slot of `one` shares an instant with a slot of `other`."""
    return any(a.starts_at < b.ends_at and b.starts_at < a.ends_at for a in one for b in other)


def _minutes(slot: Slot) -> int:
    return int((slot.ends_at - slot.starts_at).total_seconds()) // 60


def _timetable(pointer: str, expected: str, **params: int) -> Finding:
    return Finding(
        code="INVALID_TIMETABLE", pointer=pointer, params={"expected": expected, **params}
    )
