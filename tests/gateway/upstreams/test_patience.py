import pytest
from pydantic import ValidationError

from gateway.upstreams.patience import PATIENCE, Patience
from gateway.upstreams.priorities import Priority


def test_every_class_has_its_patience() -> None:
    assert set(PATIENCE) == set(Priority)
    assert all(p.connect_s < p.read_s <= p.total_s for p in PATIENCE.values())


def test_two_attempts_at_a_connection_end_within_three_seconds() -> None:
    assert all(2 * patience.connect_s + 0.05 <= 3 for patience in PATIENCE.values())


def test_the_shorter_patience_holds() -> None:
    shorter = Patience(connect_s=2, read_s=10, total_s=60).at_most(3, 5)
    assert (shorter.connect_s, shorter.read_s, shorter.total_s) == (2, 5, 60)


def test_a_service_learns_until_when_it_is_listened_to() -> None:
    patience = Patience(read_s=10, total_s=60)
    assert patience.deadline(is_held=True) == b"10000"
    assert patience.deadline(is_held=False) == b"60000"
    assert Patience(read_s=0.25, total_s=0.125).deadline(is_held=True) == b"125"


@pytest.mark.parametrize("told", [{"read_s": 0}, {"connect_s": -1}, {"total_s": 1e9}, {"x": 1}])
def test_no_patience_is_no_patience(told: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Patience.model_validate(told)
