"""How much each tier may use of each class of routes: data, which `GATEWAY_TIERS` changes."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

_MINUTE_S, DAY_S = 60, 86_400
_MOST = 1_000_000_000


class RouteClass(StrEnum):
    """What is counted together."""

    PUBLIC = "PUBLIC"  # without a valid token, by address
    READS = "READS"
    WRITES = "WRITES"
    HEAVY = "HEAVY"  # searches, documents, exports, imports, snapshots
    TOKENS = "TOKENS"  # the token endpoint and its neighbours, by address
    SIGN_IN = "SIGN_IN"  # pages on which persons identify themselves, by address


# No model of pydantic: to read a field of one costs twice as much, and each request reads eight.
@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Rate:
    """So many requests in so many seconds, all at once if wished, and so many on one day."""

    quota: int = Field(ge=1, le=_MOST)
    window_s: int = Field(default=_MINUTE_S, ge=1, le=3_600)
    daily: int = Field(ge=1, le=_MOST)

    @cached_property
    def interval_ns(self) -> int:
        """One more request is allowed after so long; rounded up, never too early."""
        return -(-self.window_s * 1_000_000_000 // self.quota)

    @cached_property
    def span_ns(self) -> int:
        """How long an empty bucket takes to fill."""
        return self.interval_ns * self.quota

    @cached_property
    def policies(self) -> bytes:
        """Both policies as the `RateLimit-Policy` field lists them."""
        told = f'"client";q={self.quota};w={self.window_s}, "daily";q={self.daily};w={DAY_S}'
        return told.encode()

    def times(self, factor: int) -> "Rate":
        """The same, `factor` times as wide."""
        quota, daily = (min(number * factor, _MOST) for number in (self.quota, self.daily))
        return Rate(quota=quota, window_s=self.window_s, daily=daily)


Tier = Mapping[RouteClass, Rate]
Tiers = Mapping[str, Tier]
STANDARD = "STANDARD"

_STANDARD: Tier = {
    RouteClass.PUBLIC: Rate(quota=600, daily=50_000),
    RouteClass.READS: Rate(quota=600, daily=50_000),
    RouteClass.WRITES: Rate(quota=300, daily=20_000),
    RouteClass.HEAVY: Rate(quota=120, daily=5_000),
    RouteClass.TOKENS: Rate(quota=300, daily=50_000),
    RouteClass.SIGN_IN: Rate(quota=60, daily=5_000),
}
TIERS: Tiers = {
    STANDARD: _STANDARD,
    "HIGH": {kind: rate.times(10) for kind, rate in _STANDARD.items()},
    "INTERNAL": {kind: rate.times(1_000) for kind, rate in _STANDARD.items()},
}


def widened(given: Tiers, factor: int) -> dict[str, dict[RouteClass, Rate]]:
    """The tiers above with what `given` changes or adds, all `factor` times as wide.

    A tier that `given` adds is the standard one where it says nothing.
    """
    return {
        name: {
            kind: rate.times(factor)
            for kind, rate in {
                **TIERS.get(name, _STANDARD),
                **given.get(name, {}),
            }.items()
        }
        for name in (*TIERS, *given)
    }
