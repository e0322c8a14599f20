"""The addresses of one service, and which of them is asked next."""

import time
from collections.abc import Collection, Sequence
from enum import Enum, IntEnum, auto
from typing import Final

from gateway.upstreams.breaker import Breaker, Breaking, Clock, State

_AWAY_AFTER = 2  # checks in a row that nobody answered


class Outcome(IntEnum):
    """What became of one attempt at an address."""

    ANSWERED = auto()  # whatever the status: a refusal is an answer
    REFUSED = auto()  # no connection came about: nothing was sent
    BROKEN = auto()  # reset, cut short, or not HTTP
    LATE = auto()
    LEFT = auto()  # the caller went away, or sent what cannot be passed on


_GOOD: Final[dict[int, bool | None]] = {Outcome.ANSWERED: True, Outcome.LEFT: None}


class Health(Enum):
    """What an active check found."""

    READY = auto()
    NOT_READY = auto()  # it answers, and wishes not to be asked: it is leaving, or starting
    AWAY = auto()


class Address:
    """One process of a service."""

    __slots__ = ("_clock", "_failed_checks", "_good_at", "breaker", "in_flight", "is_ready", "url")

    def __init__(self, url: str, breaking: Breaking, clock: Clock = time.monotonic) -> None:
        self.url = url
        self.breaker = Breaker(breaking, clock)
        self.in_flight = 0
        self.is_ready = True
        self._clock = clock
        self._failed_checks = 0
        self._good_at = float("-inf")

    def began(self) -> float:
        """An attempt begins: when."""
        self.in_flight += 1
        self.breaker.began()
        return self._clock()

    def ended(self, outcome: Outcome, began_at: float) -> float:
        """One that began then has ended; how many seconds it took."""
        self.in_flight -= 1
        now = self._clock()
        if outcome is Outcome.ANSWERED:
            self._good_at = now
        seconds = now - began_at
        self.breaker.ended(_GOOD.get(outcome, False), seconds)
        return seconds

    def checked(self, health: Health, began_at: float) -> None:
        """What a check that began at `began_at` found. Who answered a caller meanwhile is there,
        however slow it is to say so."""
        if health is not Health.AWAY:
            self.is_ready, self._failed_checks = health is Health.READY, 0
            self.breaker.relent()
        elif self._good_at < began_at:
            self._failed_checks += 1
            if self._failed_checks >= _AWAY_AFTER:
                self.is_ready = False
                self.breaker.trip()


class Balance:
    """Asks the address that has least to do; equals take turns."""

    __slots__ = ("_turn", "addresses")

    def __init__(self, addresses: Sequence[Address]) -> None:
        self.addresses = addresses
        self._turn = 0

    def choose(self, tried: Collection[Address] = (), *, may_probe: bool = True) -> Address | None:
        """The next address to ask, another one than those `tried` if there is; None: ask nobody.

        Those that say they are not ready are asked when no other is left: they may be able to say
        more about it than we. What must not be asked twice (not `may_probe`) tries out nobody who
        has just failed, as long as there is somebody else.
        """

        if len(self.addresses) == 1:  # as it is nearly everywhere
            only = self.addresses[0]
            return only if only.breaker.lets else None

        def rank(address: Address) -> tuple[bool, bool, bool, int]:
            is_doubtful = not may_probe and address.breaker.state is not State.CLOSED
            return address in tried, not address.is_ready, is_doubtful, address.in_flight

        open_ones = [address for address in self._in_turn() if address.breaker.lets]
        return min(open_ones, key=rank, default=None)

    def _in_turn(self) -> Sequence[Address]:
        found = self.addresses
        self._turn = (self._turn + 1) % len(found)
        return [*found[self._turn :], *found[: self._turn]]
