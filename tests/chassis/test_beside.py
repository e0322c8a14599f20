"""A process beside this one: its result, what it raises, and its end."""

import os
from signal import SIGKILL

import pytest

from chassis.beside import Beside


def _sum(*numbers: int) -> tuple[int, int]:
    return os.getpid(), sum(numbers)


def _fail() -> None:
    raise ConnectionRefusedError(111, "nobody listens")


def _die() -> None:
    os.kill(os.getpid(), SIGKILL)


def test_it_works_in_a_process_of_its_own() -> None:
    first, second = Beside(_sum, 1, 2), Beside(_sum, 3, 4)
    found = [first.result(), second.result()]
    assert [total for _, total in found] == [3, 7]
    assert len({os.getpid(), *(process for process, _ in found)}) == 3


def test_what_it_raises_is_raised_here() -> None:
    with pytest.raises(ConnectionRefusedError, match="nobody listens"):
        Beside(_fail).result()


def test_one_that_is_ended_never_passes_for_one_that_found_nothing() -> None:
    with pytest.raises(EOFError):
        Beside(_die).result()
