import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import ServiceBusy
from gateway.upstreams.bulkheads import Bulkhead, Place
from gateway.upstreams.priorities import Priority, priority_of


def fill(bulkhead: Bulkhead, priority: Priority) -> list[Place]:
    places: list[Place] = []
    with pytest.raises(ServiceBusy):
        while True:
            places.append(bulkhead.admit(priority))
    return places


def test_each_class_finds_room_where_less_urgent_ones_do_not() -> None:
    bulkhead = Bulkhead("financing", 100)
    taken = [len(fill(bulkhead, priority)) for priority in reversed(Priority)]
    assert taken == [40, 35, 15, 10]  # exports, reads, writes, decisions


def test_who_is_sent_away_is_told_when_to_come_back() -> None:
    bulkhead = Bulkhead("financing", 10)
    fill(bulkhead, Priority.READS)
    with pytest.raises(ServiceBusy) as refused:
        bulkhead.admit(Priority.READS)
    assert refused.value.status == 503
    assert refused.value.headers == {"Retry-After": "1"}
    assert bulkhead.shed[Priority.READS] == 2


def test_a_place_is_left_once() -> None:
    bulkhead = Bulkhead("financing", 10)
    places = fill(bulkhead, Priority.DECISIONS)
    for place in [*places, *places]:
        place.leave()
    assert bulkhead.taken == 0


def test_even_one_place_is_somebodys() -> None:
    for priority in Priority:
        Bulkhead("financing", 1).admit(priority).leave()


def test_who_is_in_stays_when_room_is_taken_away() -> None:
    bulkhead = Bulkhead("financing", 20)
    places = fill(bulkhead, Priority.DECISIONS)
    bulkhead.widen(10)
    for place in places[:10]:
        with pytest.raises(ServiceBusy):
            bulkhead.admit(Priority.DECISIONS)
        place.leave()
    places[10].leave()
    bulkhead.admit(Priority.DECISIONS)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(1, 50), st.lists(st.sampled_from([*Priority, None]), max_size=80))
def test_nobody_comes_in_where_somebody_more_urgent_would_not(
    places: int, steps: list[Priority | None]
) -> None:
    bulkhead = Bulkhead("registry", places)
    inside: list[Place] = []
    for step in steps:
        lets = [_is_let_in(bulkhead, priority) for priority in Priority]
        assert lets == sorted(lets, reverse=True)
        if step is None and inside:
            inside.pop().leave()
        elif step is not None and lets[step]:
            inside.append(bulkhead.admit(step))
        assert bulkhead.taken == len(inside) <= places


def _is_let_in(bulkhead: Bulkhead, priority: Priority) -> bool:
    try:
        bulkhead.admit(priority).leave()
    except ServiceBusy:
        return False
    return True


@pytest.mark.parametrize(
    ("method", "path", "priority"),
    [
        ("POST", "/v1/lender", Priority.DECISIONS),
        ("GET", "/v1/lender", Priority.READS),
        ("POST", "/v1/filings", Priority.WRITES),
        ("PATCH", "/v1/financing-applications", Priority.WRITES),
        ("GET", "/v1/cooperatives", Priority.READS),
        ("HEAD", "/v1/me/data-accesses", Priority.READS),
        ("POST", "/v1/imports", Priority.BULK),
        ("GET", "/v1/imports", Priority.BULK),
        ("GET", "/v1/exports", Priority.BULK),
    ],
)
def test_what_is_urgent(method: str, path: str, priority: Priority) -> None:
    assert priority_of(method, path) is priority
