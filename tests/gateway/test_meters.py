"""The arithmetic of limits, with a clock that a test turns."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import clock
from gateway.limits.limits import Holder, Limits, Present
from gateway.limits.meters import CLIENT, DAILY, SECOND_NS, Meter, Meters, Moment
from gateway.limits.tiers import STANDARD, TIERS, Rate, RouteClass, widened

RATE = Rate(quota=3, window_s=30, daily=1_000)
BEGIN_NS = 10**15


def at(seconds: float, day: int = 1) -> Moment:
    return Moment(BEGIN_NS + int(seconds * SECOND_NS), day, 3_600)


def test_everything_may_be_used_at_once_and_comes_back_steadily() -> None:
    meter = Meter()
    assert [meter.take(RATE, at(0)) for _ in range(4)] == [None, None, None, CLIENT]
    assert meter.take(RATE, at(9.999)) == CLIENT
    assert meter.take(RATE, at(10)) is None
    assert meter.take(RATE, at(10)) == CLIENT
    assert [meter.take(RATE, at(40)) for _ in range(4)] == [None, None, None, CLIENT]


def test_what_is_refused_costs_nothing() -> None:
    meter = Meter()
    for _ in range(100):
        meter.take(RATE, at(0))
    assert meter.standings(RATE, at(0))[1].remaining == 1_000 - 3
    assert meter.take(RATE, at(10)) is None


def test_a_standing_says_when_there_is_more() -> None:
    meter = Meter()
    assert meter.standings(RATE, at(0))[0][1:] == (3, 0, 0)
    meter.take(RATE, at(0))
    assert meter.standings(RATE, at(0))[0][1:] == (2, 10, 10)
    meter.take(RATE, at(0))
    meter.take(RATE, at(4))
    assert meter.standings(RATE, at(4))[0][1:] == (0, 6, 26)
    assert meter.standings(RATE, at(10))[0][1:] == (1, 10, 20)
    assert meter.standings(RATE, at(30))[0][1:] == (3, 0, 0)


def test_what_is_given_back_was_never_used() -> None:
    meter = Meter()
    for _ in range(50):
        assert meter.take(RATE, at(0)) is None
        meter.give_back(RATE, at(0))
    assert [standing.remaining for standing in meter.standings(RATE, at(0))] == [3, 1_000]


def test_giving_back_never_makes_more_than_all() -> None:
    meter = Meter()
    meter.take(RATE, at(0))
    meter.give_back(RATE, at(500))
    assert [standing.remaining for standing in meter.standings(RATE, at(500))] == [3, 1_000]
    assert [meter.take(RATE, at(500)) for _ in range(4)] == [None, None, None, CLIENT]


def test_the_day_ends_at_midnight() -> None:
    rate = Rate(quota=10, window_s=10, daily=2)
    meter = Meter()
    assert [meter.take(rate, at(0)) for _ in range(3)] == [None, None, DAILY]
    assert meter.standings(rate, at(0))[1][1:] == (0, 3_600, 3_600)
    assert meter.take(rate, at(3_599)) == DAILY
    assert meter.take(rate, at(3_600, day=2)) is None
    assert meter.standings(rate, at(3_600, day=2))[1].remaining == 1


def test_what_is_given_back_after_midnight_does_not_swell_the_new_day() -> None:
    rate = Rate(quota=10, window_s=10, daily=2)
    meter = Meter()
    meter.take(rate, at(0))
    meter.give_back(rate, at(1, day=2))
    assert meter.standings(rate, at(1, day=2))[1].remaining == 2


def test_a_wider_tier_fills_faster_at_once() -> None:
    meter, wide = Meter(), RATE.times(10)
    for _ in range(3):
        meter.take(RATE, at(0))
    assert [meter.take(wide, at(1)), meter.take(RATE, at(1))] == [None, CLIENT]


@given(
    quota=st.integers(1, 50),
    window_s=st.integers(1, 600),
    steps=st.lists(st.tuples(st.integers(0, 90_000), st.booleans()), max_size=150),
)
def test_no_schedule_gets_more_than_the_burst_and_the_rate(
    quota: int, window_s: int, steps: list[tuple[int, bool]]
) -> None:
    """Over every stretch of time: what passed, less what was given back, ≤ burst + rate x time."""
    rate, meter, now_ns = Rate(quota=quota, window_s=window_s, daily=10**9), Meter(), BEGIN_NS
    passed: list[tuple[int, int]] = []  # when, +1 or -1
    for wait_ms, is_free in steps:
        now_ns += wait_ms * 1_000_000
        moment = Moment(now_ns, 1, 1)
        if meter.take(rate, moment) is None:
            passed.append((now_ns, 1))
            if is_free:
                meter.give_back(rate, moment)
                passed.append((now_ns, -1))
    for begin, used in _stretches(passed):
        elapsed_ns = passed[begin + len(used) - 1][0] - passed[begin][0]
        assert sum(used) <= quota + elapsed_ns * quota / (window_s * SECOND_NS)


def _stretches(passed: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    for begin in range(len(passed)):
        for end in range(begin + 1, len(passed) + 1):
            yield begin, [used for _, used in passed[begin:end]]


@given(
    quota=st.integers(1, 20),
    waits_ms=st.lists(st.integers(0, 20_000), max_size=60),
)
def test_who_waits_as_told_is_let_in(quota: int, waits_ms: list[int]) -> None:
    rate, meter, now_ns = Rate(quota=quota, window_s=30, daily=10**9), Meter(), BEGIN_NS
    for wait_ms in waits_ms:
        now_ns += wait_ms * 1_000_000
        moment = Moment(now_ns, 1, 1)
        remaining = meter.standings(rate, moment)[0].remaining
        assert (meter.take(rate, moment) is None) == (remaining > 0)
        told_s = meter.standings(rate, moment)[0].more_in_s
        later = Moment(now_ns + told_s * SECOND_NS, 1, 1)
        assert meter.standings(rate, later)[0].remaining > 0


def test_many_names_do_not_grow_the_memory() -> None:
    meters = Meters(100)
    for n in range(10_000):
        meters.of(f"2001:db8:0:{n:x}::/64", RouteClass.PUBLIC).take(RATE, at(0))
    assert len(meters) == 100


def test_who_comes_often_is_not_forgotten_for_strangers() -> None:
    meters = Meters(100)
    mine = meters.of("mine", RouteClass.PUBLIC)
    for n in range(1_000):
        meters.of(str(n), RouteClass.PUBLIC)
        assert meters.of("mine", RouteClass.PUBLIC) is mine


def test_strangers_never_push_a_client_out() -> None:
    held = Limits(TIERS, lambda: at(0))
    client = Holder("client-1|user-1", is_known=True)
    held.ticket(client, RouteClass.READS).take()
    for n in range(60_000):
        held.ticket(Holder(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"), RouteClass.PUBLIC).take()
    bucket, _ = held.ticket(client, RouteClass.READS).standings()
    assert bucket.remaining == TIERS[STANDARD][RouteClass.READS].quota - 1
    assert len(held.addresses) == 50_000


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_says_something_about_every_class(tier: str) -> None:
    assert set(TIERS[tier]) == set(RouteClass)


def test_the_tiers_are_data() -> None:
    told = {
        "STANDARD": {RouteClass.READS: Rate(quota=7, daily=70)},
        "BANK": {RouteClass.WRITES: Rate(quota=9, daily=90)},
    }
    made = widened(told, 2)
    assert made["STANDARD"][RouteClass.READS] == Rate(quota=14, daily=140)
    assert made["STANDARD"][RouteClass.WRITES] == TIERS[STANDARD][RouteClass.WRITES].times(2)
    assert made["BANK"][RouteClass.WRITES] == Rate(quota=18, daily=180)
    assert set(made["BANK"]) == set(RouteClass)
    assert made["HIGH"] == {kind: rate.times(2) for kind, rate in TIERS["HIGH"].items()}


def test_a_tier_that_nobody_defined_is_the_standard_one() -> None:
    assert Limits(TIERS).known_tier("GOLD") == STANDARD


def test_the_quota_of_the_day_is_that_of_dakar() -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    to_evening = midnight + timedelta(hours=23, minutes=59) - clock.now()
    present = Present()
    with clock.shifted(to_evening):
        before = present()
    with clock.shifted(to_evening + timedelta(minutes=2)):
        after = present()
    assert present().day == before.day  # and the clock may go back
    assert after.day == before.day + 1
    assert 0 < before.day_left_s <= 61
    assert 86_300 < after.day_left_s <= 86_400
