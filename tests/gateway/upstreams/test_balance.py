import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.errors import ServiceUnavailable
from gateway.upstreams.balance import Address, Health, Outcome
from gateway.upstreams.breaker import State
from gateway.upstreams.upstream import Policy, Upstream
from tests.gateway.upstreams.clock import Clock

URLS = ("http://a", "http://b", "http://c")


def upstream(*urls: str, clock: Clock | None = None) -> Upstream:
    policy = Policy(clock=clock or Clock(), rng=random.Random(1))
    return Upstream("registry", urls or URLS, policy)


def fail(address: Address, outcome: Outcome = Outcome.BROKEN, times: int = 5) -> None:
    for _ in range(times):
        address.ended(outcome, address.began())


def test_who_has_least_to_do_is_asked() -> None:
    found = upstream()
    for address, load in zip(found.addresses, (2, 0, 1), strict=True):
        for _ in range(load):
            address.began()
    assert found.choose().url == "http://b"


def test_equals_take_turns() -> None:
    found = upstream()
    assert Counter(found.choose().url for _ in range(30)) == dict.fromkeys(URLS, 10)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.booleans(), max_size=80), st.randoms(use_true_random=False))
def test_nobody_is_asked_while_somebody_has_less_to_do(
    steps: list[bool], rng: random.Random
) -> None:
    found, under_way = upstream(), list[tuple[Address, float]]()
    for is_new in steps:
        if is_new:
            chosen = found.choose()
            assert chosen.in_flight == min(address.in_flight for address in found.addresses)
            under_way.append((chosen, chosen.began()))
        elif under_way:
            address, began_at = under_way.pop(rng.randrange(len(under_way)))
            address.ended(Outcome.ANSWERED, began_at)
    assert sum(address.in_flight for address in found.addresses) == len(under_way)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.BROKEN, Outcome.LATE])
def test_who_keeps_failing_is_left_out(outcome: Outcome) -> None:
    found = upstream()
    fail(found.addresses[0], outcome)
    assert {found.choose().url for _ in range(10)} == {"http://b", "http://c"}


@pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.LEFT])
def test_an_answer_and_a_caller_who_leaves_are_no_failures(outcome: Outcome) -> None:
    found = upstream()
    fail(found.addresses[0], outcome, times=100)
    assert {found.choose().url for _ in range(10)} == set(URLS)


def test_a_second_attempt_goes_elsewhere_if_there_is_an_elsewhere() -> None:
    found = upstream()
    first, second, third = found.addresses
    assert found.choose([first, third]) is second
    fail(second)
    assert found.choose([first, third]) in (first, third)


def test_what_must_not_be_asked_twice_tries_nobody_out() -> None:
    clock = Clock()
    found = upstream("http://a", "http://b", clock=clock)
    first, second = found.addresses
    fail(first)
    clock.now += 1
    second.began()
    assert first.breaker.lets
    assert {found.choose(may_probe=False) for _ in range(4)} == {second}
    assert found.choose() is first
    fail(second)
    assert found.choose(may_probe=False) is first


def test_when_nobody_may_be_asked_the_caller_learns_when_to_come_back() -> None:
    clock = Clock()
    found = upstream("http://a", "http://b", clock=clock)
    for address in found.addresses:
        fail(address)
    with pytest.raises(ServiceUnavailable) as refused:
        found.choose()
    assert refused.value.headers == {"Retry-After": "1"}
    clock.now += 1
    assert found.choose() in found.addresses


def test_who_is_leaving_is_asked_only_when_there_is_nobody_else() -> None:
    found = upstream("http://a", "http://b")
    first, second = found.addresses
    first.checked(Health.NOT_READY, 0)
    assert {found.choose() for _ in range(4)} == {second}
    second.checked(Health.NOT_READY, 0)
    assert {found.choose() for _ in range(4)} == {first, second}
    first.checked(Health.READY, 0)
    assert {found.choose() for _ in range(4)} == {first}


def test_an_address_where_nobody_answers_two_checks_is_left_out() -> None:
    clock = Clock()
    found = upstream("http://a", "http://b", clock=clock)
    first, second = found.addresses
    first.checked(Health.AWAY, clock.now)
    assert {found.choose() for _ in range(4)} == {first, second}
    first.checked(Health.AWAY, clock.now)
    assert {found.choose() for _ in range(4)} == {second}
    first.checked(Health.READY, clock.now)
    assert first.breaker.state is State.HALF_OPEN
    assert {found.choose() for _ in range(4)} == {first, second}


def test_who_answers_callers_is_not_away() -> None:
    clock = Clock()
    found = upstream("http://a", clock=clock)
    (address,) = found.addresses
    for _ in range(10):
        began = clock.now
        clock.now += 1
        address.ended(Outcome.ANSWERED, address.began())
        address.checked(Health.AWAY, began)
    assert found.choose() is address


def test_moving_keeps_what_is_known_of_who_stays() -> None:
    found = upstream("http://a", "http://b")
    first, second = found.addresses
    began_at = second.began()
    fail(first)
    found.move(["http://a", "http://c"])
    assert found.addresses[0] is first
    assert [address.url for address in found.addresses] == ["http://a", "http://c"]
    assert {found.choose().url for _ in range(4)} == {"http://c"}
    second.ended(Outcome.ANSWERED, began_at)  # it finishes where it began
    assert second.in_flight == 0
