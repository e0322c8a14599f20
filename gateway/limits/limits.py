"""Who may still ask, and what the answer says about it."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from starlette.datastructures import MutableHeaders

from chassis import clock
from gateway.counts import LIMITED
from gateway.errors import QuotaExceeded, RateLimited
from gateway.limits.meters import CLIENT, DAILY, Meter, Meters, Moment, Standing
from gateway.limits.shared import DAY_FORBIDS, Act, Count, Shared, ask_of, key_of
from gateway.limits.tiers import STANDARD, Rate, RouteClass, Tiers

_DAKAR: Final = ZoneInfo("Africa/Dakar")
_MOST_REMEMBERED = 50_000
OF_CLIENTS = (RouteClass.READS, RouteClass.WRITES, RouteClass.HEAVY)


class Holder(NamedTuple):
    """Whose requests are counted together; `is_known`: by a valid token, else by an address."""

    name: str
    tier: str = STANDARD
    is_known: bool = False


class Limits:
    """The meters of this process, for clients and for addresses apart: whoever comes from many
    addresses makes other addresses forgotten, never a client.

    With a count that gateways share they hold what it last said, and go on from there without it.
    """

    def __init__(
        self,
        tiers: Tiers,
        now: Callable[[], Moment] | None = None,
        shared: Shared | None = None,
    ) -> None:
        self._tiers = tiers
        self.now = now or Present()
        self.shared = shared
        self.clients = Meters(_MOST_REMEMBERED)
        self.addresses = Meters(_MOST_REMEMBERED)

    def known_tier(self, name: str) -> str:
        """The tier of that name; the standard one when nobody defined it."""
        return name if name in self._tiers else STANDARD

    def rate(self, holder: Holder, route_class: RouteClass) -> Rate:
        """How much `holder` may use of a class of routes."""
        return (self._tiers.get(holder.tier) or self._tiers[STANDARD])[route_class]

    def ticket(self, holder: Holder, route_class: RouteClass) -> "Ticket":
        """One request of `holder`, not yet counted."""
        meters = self.clients if holder.is_known else self.addresses
        meter = meters.of(holder.name, route_class)
        return Ticket(self, meter, holder, route_class)


class Ticket:
    """One request, counted once it is taken and given back when it turns out to be free."""

    __slots__ = ("_at", "_counted", "_holder", "_is_taken", "_meter", "_now", "_rate",
                 "_route_class", "_shared")  # fmt: skip

    def __init__(
        self, limits: Limits, meter: Meter, holder: Holder, route_class: RouteClass
    ) -> None:
        self._now = limits.now
        self._shared = limits.shared
        self._meter = meter
        self._holder = holder
        self._route_class = route_class
        self._rate = limits.rate(holder, route_class)
        self._is_taken = False
        self._counted: Count | None = None
        self._at: Moment | None = None  # when it was taken here: what remains is told as of then

    def take(self) -> None:
        """Count it in this process; raises `RateLimited` or `QuotaExceeded`."""
        at = self._at = self._now()
        violated = self._meter.take(self._rate, at)
        if violated is not None:
            raise self._refusal(violated, at)
        self._is_taken = True

    async def take_shared(self) -> None:
        """Count it with the other gateways; in this process as long as that cannot be."""
        count = await self._asked(Act.TAKE)
        if count is None:
            self.take()
        elif count.verdict:
            raise self._refusal(DAILY if count.verdict == DAY_FORBIDS else CLIENT, self._now())
        else:
            self._is_taken, self._counted = True, count

    async def look(self) -> None:
        """Learn what the other gateways have counted."""
        await self._asked(Act.LOOK)

    async def _asked(self, act: Act) -> Count | None:
        if self._shared is None:
            return None
        count = await self._shared.answer(ask_of(self._key(), act, self._rate))
        if count is not None:
            self._meter.learn(self._now(), count.missing_ns, count.day, count.used)
        return count

    def _key(self) -> str:
        return key_of(self._holder.name, self._route_class, is_known=self._holder.is_known)

    def _give_back(self) -> None:
        self._meter.give_back(self._rate, self._now())
        if self._shared is not None and self._counted is not None:
            day = self._counted.day
            self._shared.ask(ask_of(self._key(), Act.GIVE_BACK, self._rate, day), _heard)

    def standings(self) -> tuple[Standing, Standing]:
        """What remains."""
        return self._meter.standings(self._rate, self._now())

    def finish(self, status: int, headers: MutableHeaders) -> None:
        """Say on the answer what remains."""
        policies, state = self.said(status)
        headers.raw.append((b"ratelimit-policy", policies))
        headers.raw.append((b"ratelimit", state))

    def said(self, status: int) -> tuple[bytes, bytes]:
        """The policies and what remains; an answer that says "as you have it" costs nothing."""
        if status == 304 and self._is_taken:
            self._give_back()
        at = self._at or self._now()
        policy, remaining, more_in_s = self._meter.tightest(self._rate, at)
        return self._rate.policies, f'"{policy}";r={remaining};t={more_in_s}'.encode()

    def _refusal(self, violated: str, at: Moment) -> RateLimited:
        found = self._made(violated, at)
        LIMITED.add(found.code, self._route_class.value)
        return found

    def _made(self, violated: str, at: Moment) -> RateLimited:
        bucket, day = self._meter.standings(self._rate, at)
        if violated == DAILY:
            return QuotaExceeded(
                policy=violated,
                route_class=self._route_class,
                quota=self._rate.daily,
                retry_after_s=max(day.more_in_s, 1),
            )
        return RateLimited(
            policy=violated,
            route_class=self._route_class,
            quota=self._rate.quota,
            window_s=self._rate.window_s,
            retry_after_s=max(bucket.more_in_s, 1),
        )


def _heard(_: Count | None) -> None:
    """Nobody waits for what is given back."""


class _Day(NamedTuple):
    ordinal: int
    begins: float
    ends: float


def _day_of(now: datetime) -> _Day:
    here = now.astimezone(_DAKAR).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = here.astimezone(UTC)  # in Dakar no clock is ever put back
    ends = begins + timedelta(days=1)
    return _Day(here.toordinal(), begins.timestamp(), ends.timestamp())


def ahead_s() -> int:
    """How far the clocks of Dakar are ahead of UTC."""
    ahead = clock.now().astimezone(_DAKAR).utcoffset() or timedelta()
    return int(ahead.total_seconds())


class Present:
    """This instant; the legal day turns at midnight in Dakar."""

    def __init__(self) -> None:
        self._day = _day_of(clock.now())

    def __call__(self) -> Moment:
        now = clock.seconds()
        if not self._day.begins <= now < self._day.ends:
            self._day = _day_of(clock.now())
        return Moment(time.monotonic_ns(), self._day.ordinal, math.ceil(self._day.ends - now))
