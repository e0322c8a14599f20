from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.upstreams.breaker import Breaker, Breaking, State
from tests.gateway.upstreams.clock import Clock

POLICY = Breaking(failures=5, window=20, open_s=1.0, probes=3)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(POLICY, clock)


def call(breaker: Breaker, *, is_good: bool | None, times: int = 1) -> None:
    for _ in range(times):
        breaker.began()
        breaker.ended(is_good, 0.0)


def opened(breaker: Breaker) -> Breaker:
    call(breaker, is_good=False, times=POLICY.failures)
    assert breaker.state is State.OPEN
    return breaker


@pytest.mark.parametrize("before", [0, 1, 3, 7, 19, 20, 500])
def test_it_opens_within_ten_failing_calls_whatever_came_before(
    breaker: Breaker, before: int
) -> None:
    call(breaker, is_good=True, times=before)
    failed = 0
    while breaker.lets:
        call(breaker, is_good=False)
        failed += 1
    assert POLICY.failures <= failed <= 10


def test_a_few_failures_among_many_good_calls_do_not_open_it(breaker: Breaker) -> None:
    for _ in range(200):
        call(breaker, is_good=False)
        call(breaker, is_good=True, times=2)
    assert breaker.lets


def test_every_second_failure_opens_it(breaker: Breaker) -> None:
    for _ in range(10):
        call(breaker, is_good=True)
        call(breaker, is_good=False)
    assert breaker.state is State.OPEN


def test_what_is_nobodys_fault_counts_for_nothing(breaker: Breaker) -> None:
    call(breaker, is_good=None, times=100)
    call(breaker, is_good=False, times=POLICY.failures - 1)
    call(breaker, is_good=None, times=100)
    assert breaker.lets


def test_it_stays_open_for_a_second(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 0.99
    assert not breaker.lets
    assert breaker.rest_s == pytest.approx(0.01)
    clock.now += 0.01
    assert breaker.lets


def test_a_half_open_one_lets_three_pass_at_once(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 1
    passed = 0
    while breaker.lets:
        breaker.began()
        passed += 1
    assert passed == POLICY.probes


def test_a_probe_whose_caller_left_makes_room_for_another(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 1
    for _ in range(10):
        assert breaker.lets
        call(breaker, is_good=None)
    assert breaker.state is State.HALF_OPEN


def test_slow_probes_keep_nobody_else_out_once_it_is_seen_to_be_there(
    breaker: Breaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += 1
    while breaker.lets:
        breaker.began()
    clock.now += 10
    assert not breaker.lets  # a service that hangs keeps no more of them
    breaker.relent()
    assert breaker.lets
    call(breaker, is_good=True)
    assert breaker.state is State.CLOSED


def test_one_good_probe_closes_it(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 1
    assert breaker.lets
    call(breaker, is_good=True)
    assert breaker.state is State.CLOSED
    call(breaker, is_good=False, times=POLICY.failures - 1)
    assert breaker.lets  # what was before is forgotten


def test_one_bad_probe_opens_it_for_another_second(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 1.5
    assert breaker.lets
    call(breaker, is_good=False)
    assert not breaker.lets
    clock.now += 1
    assert breaker.lets


def test_calls_from_before_it_opened_say_nothing_of_what_is_now(
    breaker: Breaker, clock: Clock
) -> None:
    for _ in range(10):
        breaker.began()
    clock.now += 5
    for _ in range(POLICY.failures):
        breaker.ended(False, 5.0)
    clock.now += 1
    assert breaker.lets
    breaker.began()
    breaker.ended(True, 6.0)  # old
    still = breaker.state
    breaker.ended(True, 0.0)
    breaker.ended(False, 6.0)  # old
    assert (still, breaker.state) == (State.HALF_OPEN, State.CLOSED)


def test_a_check_opens_and_half_opens_it_at_once(breaker: Breaker) -> None:
    breaker.trip()
    assert not breaker.lets
    breaker.relent()
    assert breaker.state is State.HALF_OPEN


def test_an_upstream_that_is_back_is_used_within_two_seconds(
    breaker: Breaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += 0.999
    back_at = clock.now  # it had just failed once more
    good = 0
    while good < 100:
        clock.now += 0.05
        if breaker.lets:
            call(breaker, is_good=True)
            good += 1
    assert clock.now - back_at <= 2 + 100 * 0.05


class Life(RuleBasedStateMachine):
    """Calls that begin, overlap and end in any way, time that passes in any steps."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(POLICY, self.clock)
        self.begun: list[float] = []
        self.probes = 0

    @rule(step=st.floats(0, 3))
    def wait(self, step: float) -> None:
        self.clock.now += step

    @rule()
    def begin(self) -> None:
        if self.breaker.lets:
            self.breaker.began()
            self.begun.append(self.clock.now)

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), is_good=st.sampled_from([True, False, None]))
    def end(self, data: Any, is_good: bool | None) -> None:
        began = self.begun.pop(data.draw(st.integers(0, len(self.begun) - 1)))
        self.breaker.ended(is_good, self.clock.now - began)

    @invariant()
    def it_is_never_open_for_longer_than_it_says(self) -> None:
        assert 0 <= self.breaker.rest_s <= POLICY.open_s

    @invariant()
    def it_lets_all_none_or_few_pass(self) -> None:
        state = self.breaker.state
        assert self.breaker.lets or state is not State.CLOSED
        assert not (self.breaker.lets and state is State.OPEN)


TestLife = Life.TestCase
TestLife.settings = settings(
    suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_while_it_is_closed_fewer_than_half_failed_or_fewer_than_five(said: list[bool]) -> None:
    breaker = Breaker(POLICY, Clock())
    past: list[bool] = []
    for is_good in said:
        call(breaker, is_good=is_good)
        past = [*past, is_good][-POLICY.window :]
        bad = past.count(False)
        assert (breaker.state is State.OPEN) == (bad >= POLICY.failures and 2 * bad >= len(past))
        if breaker.state is State.OPEN:
            return
