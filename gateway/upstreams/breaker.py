"""A breaker for one address: who keeps failing is left alone for a moment, then asked carefully."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

Clock = Callable[[], float]  # seconds that never go back
# What a call that began before the breaker changed has to say is old; clocks are read twice.
_SAME_S = 0.001


@dataclass(frozen=True)
class Breaking:
    """When an address is left alone: `failures` among the last `window` calls, and half of them."""

    failures: int = 5
    window: int = 20
    open_s: float = 1.0
    probes: int = 3


class State(Enum):
    """Of a breaker, in the words of electricians: a closed one lets calls pass."""

    CLOSED = auto()
    OPEN = auto()
    HALF_OPEN = auto()


class Breaker:
    """Counts what became of calls; nothing here waits."""

    __slots__ = ("_bad", "_clock", "_marks", "_policy", "_probing", "_since", "_state")

    def __init__(self, policy: Breaking, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._marks: deque[bool] = deque(maxlen=policy.window)
        self._bad = self._probing = 0
        self._state, self._since = State.CLOSED, clock()

    @property
    def state(self) -> State:
        """What it is now: time alone makes an open one half-open."""
        if self._state is State.OPEN and self._clock() - self._since >= self._policy.open_s:
            self.relent()
        return self._state

    @property
    def lets(self) -> bool:
        """Whether a call may be made now."""
        if self._state is State.CLOSED:  # every request asks
            return True
        return self.state is State.HALF_OPEN and self._probing < self._policy.probes

    @property
    def rest_s(self) -> float:
        """How long it stays open; 0 when it is not."""
        is_open = self.state is State.OPEN
        # as `state` counts: added up otherwise, rounding makes it longer than it may be
        return self._policy.open_s - (self._clock() - self._since) if is_open else 0.0

    def began(self) -> None:
        """A call begins."""
        if self._state is State.HALF_OPEN:
            self._probing += 1

    def ended(self, is_good: bool | None, seconds: float) -> None:
        """A call ended after so many seconds; None: by nobody's fault."""
        if self._state is State.CLOSED and is_good and self._bad == 0:
            self._marks.append(False)  # what nearly all calls say
            return
        if self._clock() - seconds < self._since - _SAME_S:
            return
        if self._state is State.HALF_OPEN:
            self._probing = max(self._probing - 1, 0)
            if is_good is not None:
                self._turn(State.CLOSED if is_good else State.OPEN)
        elif self._state is State.CLOSED and is_good is not None:
            self._mark(is_bad=not is_good)

    def trip(self) -> None:
        """Something else than a call shows that nobody is there."""
        self._turn(State.OPEN)

    def relent(self) -> None:
        """Something shows that somebody may be there again, however slow those who probe are."""
        is_stuck = self._state is State.HALF_OPEN and self._probing >= self._policy.probes
        if self._state is State.OPEN or is_stuck:
            self._turn(State.HALF_OPEN)

    def _mark(self, *, is_bad: bool) -> None:
        if len(self._marks) == self._policy.window:
            self._bad -= self._marks[0]
        self._marks.append(is_bad)
        self._bad += is_bad
        if self._bad >= self._policy.failures and 2 * self._bad >= len(self._marks):
            self._turn(State.OPEN)

    def _turn(self, state: State) -> None:
        self._state, self._since = state, self._clock()
        self._marks.clear()
        self._bad = self._probing = 0
