"""How much somebody has used: a token bucket that fills steadily, and a quota for the day.

The bucket is one number, the instant at which it will be full again (the generic cell rate
algorithm): whole nanoseconds, so that nothing is gained by rounding.
"""

from collections import OrderedDict
from typing import Final, NamedTuple

from gateway.limits.tiers import Rate, RouteClass

SECOND_NS: Final = 1_000_000_000
# the names of the two policies on the wire
CLIENT: Final = "client"
DAILY: Final = "daily"


class Moment:
    """An instant: nanoseconds that never go back, the legal day's ordinal, what is left of it."""

    __slots__ = ("day", "day_left_s", "ns")

    def __init__(self, ns: int, day: int, day_left_s: int) -> None:
        self.ns, self.day, self.day_left_s = ns, day, day_left_s


class Standing(NamedTuple):
    """What one policy still allows, and in how many seconds it allows more (0: all is there)."""

    policy: str
    remaining: int
    more_in_s: int
    full_in_s: int


class Meter:
    """What somebody has used of one class of routes."""

    __slots__ = ("_day", "_full_at_ns", "_used")

    def __init__(self) -> None:
        self._full_at_ns = 0
        self._day = 0
        self._used = 0

    def take(self, rate: Rate, at: Moment) -> str | None:
        """Use one request; the name of the policy that forbids it, and then nothing is used."""
        if self._used_on(at.day) >= rate.daily:
            return DAILY
        begins_ns = self._full_at_ns if self._full_at_ns > at.ns else at.ns
        full_at_ns = begins_ns + rate.interval_ns
        if full_at_ns > at.ns + rate.span_ns:
            return CLIENT
        self._full_at_ns, self._day, self._used = full_at_ns, at.day, self._used_on(at.day) + 1
        return None

    def give_back(self, rate: Rate, at: Moment) -> None:
        """Undo one `take` of a moment ago: it turned out to cost nothing."""
        self._full_at_ns -= rate.interval_ns
        self._day, self._used = at.day, max(self._used_on(at.day) - 1, 0)

    def learn(self, at: Moment, missing_ns: int, day: int, used: int) -> None:
        """Be what somebody else counted."""
        self._full_at_ns, self._day, self._used = at.ns + missing_ns, day, used

    def standings(self, rate: Rate, at: Moment) -> tuple[Standing, Standing]:
        """What the bucket and the day still allow."""
        missing_ns = max(self._full_at_ns - at.ns, 0)
        remaining = max(rate.span_ns - missing_ns, 0) // rate.interval_ns
        next_ns = missing_ns - rate.span_ns + (remaining + 1) * rate.interval_ns
        more_in_s = _seconds(next_ns) if missing_ns else 0
        left = max(rate.daily - self._used_on(at.day), 0)
        day_left_s = at.day_left_s if left < rate.daily else 0
        return (
            Standing(CLIENT, remaining, more_in_s, _seconds(missing_ns)),
            Standing(DAILY, left, day_left_s, day_left_s),
        )

    def tightest(self, rate: Rate, at: Moment) -> tuple[str, int, int]:
        """The policy that allows least, how much, and in how many seconds more; at every answer."""
        missing_ns = self._full_at_ns - at.ns
        if missing_ns <= 0:
            remaining, more_in_s = rate.quota, 0
        else:
            remaining = max(rate.span_ns - missing_ns, 0) // rate.interval_ns
            next_ns = missing_ns - rate.span_ns + (remaining + 1) * rate.interval_ns
            more_in_s = -(-next_ns // SECOND_NS)
        left = rate.daily - (self._used if self._day == at.day else 0)
        if remaining < left:
            return CLIENT, remaining, more_in_s
        return DAILY, max(left, 0), at.day_left_s if left < rate.daily else 0

    def _used_on(self, day: int) -> int:
        return self._used if self._day == day else 0


def _seconds(ns: int) -> int:
    return -(-ns // SECOND_NS)


class Meters:
    """The meters of those who were seen last; whoever was not seen longest is forgotten first, so
    that nobody can make them grow by coming under many names."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, RouteClass], Meter] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, who: str, route_class: RouteClass) -> Meter:
        """The meter of `who` for a class of routes; a full one if there was none."""
        key = who, route_class
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        if len(self._kept) >= self._most:
            self._kept.popitem(last=False)
        found = self._kept[key] = Meter()
        return found
