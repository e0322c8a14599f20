"""One request on its way to a service: who is asked, what is told to the books, whether again."""

from collections.abc import Sequence
from typing import Final

from gateway.counts import ATTEMPTS
from gateway.upstreams.balance import Address, Outcome
from gateway.upstreams.budget import Asked
from gateway.upstreams.priorities import Priority
from gateway.upstreams.upstream import Upstream

_NAMES: Final = {outcome: outcome.name for outcome in Outcome}
_NOBODY: Final[Sequence[Address]] = ()


class Attempts:
    """Takes a place when it is made; `leave` gives it back, whatever happened.

    ``begin`` an attempt, then ``end`` it; where nothing has been answered, ``again`` says how long
    to wait before the next one.
    """

    __slots__ = ("_asked", "_began_at", "_current", "_lasted_s", "_place", "_tried", "_upstream")

    def __init__(self, upstream: Upstream, priority: Priority, asked: Asked) -> None:
        self._upstream = upstream
        self._asked = asked
        self._place = upstream.admit(priority)
        self._tried = _NOBODY
        self._current: Address | None = None
        self._began_at = self._lasted_s = 0.0

    def begin(self) -> Address:
        """Whom to ask now; `ServiceUnavailable` when there is nobody."""
        found = self._upstream.choose(self._tried, may_probe=self._asked.is_repeatable)
        self._current = found
        self._tried = (*self._tried, found)
        self._began_at = found.began()
        return found

    def end(self, outcome: Outcome) -> None:
        """What became of it; said twice, the first holds."""
        if self._current is not None:
            self._lasted_s = self._current.ended(outcome, self._began_at)
            ATTEMPTS.add(self._upstream.service, _NAMES[outcome])
            self._current = None

    def again(self) -> float | None:
        """How long to wait before another attempt after one that ended; None: make none."""
        return self._upstream.may_repeat(self._asked, len(self._tried), self._lasted_s)

    def leave(self) -> None:
        """It is over; an attempt of which nothing is known ended because the caller left."""
        self.end(Outcome.LEFT)
        self._place.leave()
