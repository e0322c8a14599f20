"""One service as the data plane sees it: who may come in, whom to ask, whether to ask again.

Nothing here waits or reads a socket: every question is answered at once, from what was counted.
"""

import random
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from math import ceil

from chassis.errors import ServiceUnavailable
from gateway.counts import RETRIES
from gateway.upstreams.balance import Address, Balance
from gateway.upstreams.breaker import Breaking, Clock
from gateway.upstreams.budget import Asked, Budget
from gateway.upstreams.bulkheads import Bulkhead, Place
from gateway.upstreams.priorities import Priority


@dataclass(frozen=True)
class Policy:
    """What differs between installations; the rest stands with each mechanism."""

    breaking: Breaking = field(default_factory=Breaking)
    places: int = 400  # for each address
    clock: Clock = time.monotonic
    rng: random.Random = field(default_factory=random.Random)


class Upstream:
    """A service, its addresses and what they have shown of themselves."""

    def __init__(self, service: str, urls: Sequence[str], policy: Policy) -> None:
        self.service = service
        self._policy = policy
        self._budget = Budget(policy.rng)
        self._balance = Balance(())
        self.bulkhead = Bulkhead(service, policy.places)
        self.move(urls)

    @property
    def addresses(self) -> Sequence[Address]:
        """All of them, asked or not."""
        return self._balance.addresses

    def move(self, urls: Sequence[str]) -> None:
        """Live at these addresses from now on; who stays keeps what is known of it."""
        known = {address.url: address for address in self.addresses}
        policy = self._policy
        self._balance = Balance(
            [known.get(url) or Address(url, policy.breaking, policy.clock) for url in urls]
        )
        self.bulkhead.widen(policy.places * len(urls))

    def admit(self, priority: Priority) -> Place:
        """A place for a request, or `ServiceBusy`."""
        place = self.bulkhead.admit(priority)
        self._budget.earn()
        return place

    def choose(self, tried: Collection[Address] = (), *, may_probe: bool = True) -> Address:
        """Whom to ask; `ServiceUnavailable` when there is nobody."""
        found = self._balance.choose(tried, may_probe=may_probe)
        if found is None:
            rest_s = min((address.breaker.rest_s for address in self.addresses), default=1.0)
            raise ServiceUnavailable(service=self.service, retry_after_s=max(1, ceil(rest_s)))
        return found

    def may_repeat(self, asked: Asked, attempt: int, seconds: float) -> float | None:
        """How long to wait before another attempt; None when there must be none."""
        pause_s = self._budget.may_repeat(asked, attempt, seconds)
        if pause_s is not None:
            RETRIES.add(self.service)
        return pause_s
