import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.upstreams.budget import Asked, Budget

READ = Asked("GET", is_keyed=False, is_held=True)


def rich() -> Budget:
    budget = Budget(random.Random(1))
    for _ in range(100):
        budget.earn()
    return budget


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_what_is_idempotent_may_be_asked_again(method: str) -> None:
    assert rich().may_repeat(Asked(method, is_keyed=False, is_held=True), 1, 0.1) is not None


@pytest.mark.parametrize("method", ["POST", "PATCH", "PURGE"])
def test_what_is_not_needs_a_key(method: str) -> None:
    assert rich().may_repeat(Asked(method, is_keyed=False, is_held=True), 1, 0.1) is None
    assert rich().may_repeat(Asked(method, is_keyed=True, is_held=True), 1, 0.1) is not None


def test_what_is_no_longer_held_cannot_be_sent_again() -> None:
    assert rich().may_repeat(Asked("PUT", is_keyed=True, is_held=False), 1, 0.1) is None


def test_there_is_one_repetition_and_not_a_second() -> None:
    assert rich().may_repeat(READ, 2, 0.1) is None


def test_a_failure_that_took_long_is_told_and_not_repeated() -> None:
    assert rich().may_repeat(READ, 1, 1.6) is None


def test_who_asks_again_waits_a_moment_and_not_all_the_same_one() -> None:
    budget = rich()
    pauses = {budget.may_repeat(READ, 1, 0.0) for _ in range(10)}
    assert len(pauses) == 10
    assert all(pause is not None and 0.01 <= pause <= 0.05 for pause in pauses)


def test_the_first_requests_of_a_process_are_not_repeated() -> None:
    assert Budget(random.Random(1)).may_repeat(READ, 1, 0.0) is None


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.booleans(), max_size=100))
def test_repetitions_are_never_more_than_a_fifth_of_the_requests(steps: list[bool]) -> None:
    budget = Budget(random.Random(1))
    earned = repeated = 0
    for is_request in steps:
        if is_request:
            budget.earn()
            earned += 1
        else:
            repeated += budget.may_repeat(READ, 1, 0.0) is not None
        assert 5 * repeated <= earned


def test_a_quiet_hour_does_not_save_for_a_storm() -> None:
    budget = Budget(random.Random(1))
    for _ in range(1_000_000):
        budget.earn()
    repeated = 0
    while budget.may_repeat(READ, 1, 0.0) is not None:
        repeated += 1
    assert repeated == 100
