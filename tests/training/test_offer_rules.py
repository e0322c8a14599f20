"""How long an offer stands, and whom a free seat reaches."""

from datetime import UTC, datetime, timedelta

import pytest

from services.training.enrolments.rules import Admission, Party, Seats
from services.training.seat_offers import rules
from services.training.tools.schemas import OfferTerms

TERMS = OfferTerms(ttl_hours=48, min_hours=2, cutoff_hours=24, max_overtakes=3)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_in", "stands_for"),
    [
        # TTL = min(policy default 48 h, ¼ of time to start), min 2 h, never past the cut-off.
        (timedelta(days=30), timedelta(hours=48)),
        (timedelta(days=4), timedelta(hours=24)),
        (timedelta(hours=28), timedelta(hours=4)),
        (timedelta(hours=25), timedelta(hours=1)),
        (timedelta(hours=24), None),
        (timedelta(hours=-1), None),
    ],
)
def test_an_offer_stands_as_long_as_there_is_time(
    starts_in: timedelta, stands_for: timedelta | None
) -> None:
    expires = rules.expiry(NOON, NOON + starts_in, TERMS)
    assert expires == (None if stands_for is None else NOON + stands_for)


def test_a_divisible_group_is_served_as_far_as_it_goes() -> None:
    seats = Seats(capacity=4, held=Party(2))
    people = [Party(1), Party(1), Party(1)]
    assert rules.choose(seats, people, is_indivisible=False) == ([0, 1], Admission.FULL)
    assert rules.choose(seats, people, is_indivisible=True) == ([], Admission.TOO_LARGE)
