"""What a heap of observations says, whatever the order in which they arrived."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

SKEW = timedelta(minutes=5)  # how far the clock of a device may be ahead (rule 20)
Pair = tuple[UUID, UUID]  # enrolment, slot


class Observation(Protocol):
    """One observation of one learner in one slot."""

    @property
    def client_event_id(self) -> UUID: ...
    @property
    def enrolment_id(self) -> UUID: ...
    @property
    def slot_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def minutes(self) -> int: ...
    @property
    def supersedes(self) -> UUID | None: ...


@dataclass(frozen=True)
class Cell:
    """What is known of one learner in one slot; in conflict nothing is counted."""

    status: str | None
    minutes: int
    has_conflict: bool


def sheet(observations: Iterable[Observation]) -> dict[Pair, Cell]:
    """Each learner's presence in each slot: a function of the set, not of its order."""
    piles: Mapping[Pair, list[Observation]] = defaultdict(list)
    for seen in observations:
        piles[seen.enrolment_id, seen.slot_id].append(seen)
    return {pair: cell(pile) for pair, pile in piles.items()}


def cell(pile: Sequence[Observation]) -> Cell:
    """One learner in one slot: what stands after corrections, if all that stands agrees."""
    corrected = {seen.supersedes for seen in pile}
    standing = {
        (seen.status, seen.minutes) for seen in pile if seen.client_event_id not in corrected
    }
    if len(standing) != 1:
        return Cell(status=None, minutes=0, has_conflict=True)
    [(status, minutes)] = standing
    return Cell(status=status, minutes=minutes, has_conflict=False)


def is_in_window(captured_at: datetime, slot_starts_at: datetime, now: datetime) -> bool:
    """Neither the capture nor the slot itself lies in the future (rule 20)."""
    return captured_at <= now + SKEW and slot_starts_at <= now + SKEW


def minutes_counted(status: str, given: int | None, slot_minutes: int) -> int | None:
    """The minutes of an observation; None when those given cannot be.

    Whoever was present was there throughout; late and early need their minutes.
    """
    if status == "PRESENT":
        return slot_minutes if given in (None, slot_minutes) else None
    if status in ("ABSENT", "EXCUSED"):
        return 0 if given in (None, 0) else None
    return given if given is not None and 0 < given < slot_minutes else None


def total_minutes(cells: Mapping[Pair, Cell], enrolment_id: UUID) -> int:
    """The minutes that one learner attended, over all slots."""
    return sum(found.minutes for (who, _), found in cells.items() if who == enrolment_id)
