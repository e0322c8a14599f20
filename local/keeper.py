"""Keeps one process alive: again after a death, more slowly each time, and not for ever."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from local.errors import CannotRun

_WINDOW_S = 60.0
_LIMIT = 10
_LONGEST_PAUSE_S = 4.0


@dataclass
class Keeper:
    """`look` is called often with a monotonic clock; it never waits itself."""

    name: str
    is_alive: Callable[[], bool]
    begin: Callable[[], None]
    deaths: deque[float] = field(default_factory=deque)
    due: float | None = None

    def look(self, now: float) -> None:
        """Note a death, or start again what has been down long enough."""
        if self.due is None:
            if not self.is_alive():
                self._note_death(now)
        elif now >= self.due:
            self.due = None
            self.begin()

    def _note_death(self, now: float) -> None:
        while self.deaths and self.deaths[0] < now - _WINDOW_S:
            self.deaths.popleft()
        if len(self.deaths) >= _LIMIT:
            raise CannotRun(
                f"{self.name} ended more than {_LIMIT} times within a minute: "
                "its log in the data folder says why."
            )
        pause = min(2.0 ** len(self.deaths), _LONGEST_PAUSE_S)
        self.deaths.append(now)
        self.due = now + pause
        print(f"{self.name} ended unexpectedly; it starts again in {pause:.0f} s.", flush=True)
