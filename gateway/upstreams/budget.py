"""What may be tried again, and how often: repetition must never become the load that kills."""

import random
from typing import Final

# RFC 9110 §9.2.2: these may be sent again whatever became of the first time.
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_PRICE: Final = 5  # one repetition for every five requests: 20 %
_MOST: Final = 100 * _PRICE  # what a quiet hour may save
_ATTEMPTS: Final = 2
WITHIN_S = 1.5  # two attempts at a connection end before a caller's 3 s do
_JITTER_S = (0.01, 0.05)


class Asked:
    """What a repetition depends on. `is_held`: every byte of the body is still here; `is_keyed`: by
    an `Idempotency-Key` the service does it once, however often it is asked."""

    __slots__ = ("is_repeatable",)

    def __init__(self, method: str, *, is_keyed: bool, is_held: bool) -> None:
        # whether it does no harm to ask twice
        self.is_repeatable = is_held and (method in _IDEMPOTENT or is_keyed)


class Budget:
    """Requests earn, repetitions pay; whole numbers, so that the share is exact."""

    __slots__ = ("_earned", "_random")

    def __init__(self, rng: random.Random) -> None:
        self._earned = 0
        self._random = rng

    def earn(self) -> None:
        """A request came."""
        if self._earned < _MOST:
            self._earned += 1

    def may_repeat(self, asked: Asked, attempt: int, seconds: float) -> float | None:
        """How long to wait before asking again after `attempt` failed; None: not again.

        Only for a request of which no byte of an answer has gone to its caller.
        """
        is_over = attempt >= _ATTEMPTS or seconds > WITHIN_S
        if is_over or not asked.is_repeatable or self._earned < _PRICE:
            return None
        self._earned -= _PRICE
        return self._random.uniform(*_JITTER_S)
