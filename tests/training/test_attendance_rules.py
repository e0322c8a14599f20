"""What a heap of observations says, whatever the order of its arrival."""

import random
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.training.attendance import rules

WHO, SLOT = uuid4(), uuid4()


@dataclass(frozen=True)
class Seen:
    """One observation of one learner in one slot."""

    client_event_id: UUID
    status: str
    minutes: int
    supersedes: UUID | None
    enrolment_id: UUID = WHO
    slot_id: UUID = SLOT


def seen(id: int, status: str, minutes: int, supersedes: int | None = None) -> Seen:
    return Seen(UUID(int=id), status, minutes, UUID(int=supersedes) if supersedes else None)


@pytest.mark.parametrize(
    ("pile", "expected"),
    [
        ([seen(1, "PRESENT", 360)], ("PRESENT", 360, False)),
        ([seen(1, "PRESENT", 360), seen(2, "PRESENT", 360)], ("PRESENT", 360, False)),
        # Rule 22: contradictory events, same slot → flagged conflict.
        ([seen(1, "PRESENT", 360), seen(2, "ABSENT", 0)], (None, 0, True)),
        ([seen(1, "LATE", 300), seen(2, "LATE", 200)], (None, 0, True)),
        # Rule 23: a correction supersedes, whichever arrives first.
        ([seen(1, "PRESENT", 360), seen(2, "ABSENT", 0, 1)], ("ABSENT", 0, False)),
        ([seen(2, "ABSENT", 0, 1), seen(1, "PRESENT", 360)], ("ABSENT", 0, False)),
        (
            [seen(1, "PRESENT", 360), seen(2, "ABSENT", 0), seen(3, "ABSENT", 0, 1)],
            ("ABSENT", 0, False),
        ),
        ([seen(1, "PRESENT", 360, 2), seen(2, "ABSENT", 0, 1)], (None, 0, True)),
    ],
)
def test_what_stands_after_corrections(
    pile: list[Seen], expected: tuple[str | None, int, bool]
) -> None:
    cell = rules.cell(pile)
    assert (cell.status, cell.minutes, cell.has_conflict) == expected


@st.composite
def piles(draw: st.DrawFn) -> list[Seen]:
    return [
        seen(
            id,
            *draw(st.sampled_from([("PRESENT", 360), ("ABSENT", 0), ("LATE", 300)])),
            draw(st.one_of(st.none(), st.integers(1, 8))),
        )
        for id in range(1, draw(st.integers(1, 8)) + 1)
    ]


@settings(deadline=None)
@given(piles(), st.randoms())
def test_the_order_and_the_number_of_arrivals_change_nothing(
    pile: list[Seen], dice: random.Random
) -> None:
    shuffled = pile * 3
    dice.shuffle(shuffled)
    assert rules.sheet(shuffled) == rules.sheet(pile)


@pytest.mark.parametrize(
    ("status", "given_minutes", "counted"),
    [
        ("PRESENT", None, 360),
        ("PRESENT", 360, 360),
        ("PRESENT", 100, None),
        ("LATE", 300, 300),
        ("LATE", None, None),
        ("LATE", 360, None),
        ("LEFT_EARLY", 0, None),
        ("ABSENT", None, 0),
        ("EXCUSED", 10, None),
    ],
)
def test_minutes_follow_from_what_was_seen(
    status: str, given_minutes: int | None, counted: int | None
) -> None:
    assert rules.minutes_counted(status, given_minutes, 360) == counted
