"""What dies is started again, more slowly each time, and not for ever."""

from collections.abc import Callable

import pytest

from local.errors import CannotRun
from local.keeper import Keeper


class Mortal:
    """Something that lives for `life_s` after each start; `starts` tells when."""

    def __init__(self, life_s: float) -> None:
        self.now = 0.0
        self.life_s = life_s
        self.starts = [0.0]
        self.keeper = Keeper("registry", self.is_alive, self.begin)

    def is_alive(self) -> bool:
        return self.now < self.starts[-1] + self.life_s

    def begin(self) -> None:
        self.starts.append(self.now)

    def live(self, until: Callable[[], bool]) -> None:
        while not until():
            self.now += 0.25
            self.keeper.look(self.now)


def test_the_pause_before_a_restart_grows_to_four_seconds() -> None:
    mortal = Mortal(life_s=0.25)
    mortal.live(until=lambda: len(mortal.starts) == 6)

    pauses = [b - a for a, b in zip(mortal.starts, mortal.starts[1:], strict=False)]
    assert pauses == [1.25, 2.25, 4.25, 4.25, 4.25]


def test_the_pause_is_short_again_after_a_good_minute() -> None:
    mortal = Mortal(life_s=70)
    mortal.live(until=lambda: len(mortal.starts) == 3)

    assert mortal.starts == [0, 71, 142]


def test_it_gives_up_after_ten_restarts_within_a_minute() -> None:
    mortal = Mortal(life_s=0.25)

    with pytest.raises(CannotRun, match="registry ended more than 10 times within a minute"):
        mortal.live(until=lambda: mortal.now > 60)

    assert len(mortal.starts) == 11
