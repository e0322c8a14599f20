"""Refusals proper to the gateway."""

from typing import Any

from chassis.errors import Forbidden, Problem, Unavailable


class GatewayTimeout(Problem):
    """The service behind took too long; what it did in the end is not known here."""

    status = 504


class RateLimited(Problem):
    """Too many requests in too short a time; `violated-policies` as the RateLimit draft names it.

    The `Retry-After` of this answer is never earlier than the `t` of its `RateLimit`.
    """

    status = 429

    def __init__(self, *, policy: str, retry_after_s: int, **members: Any) -> None:
        told = {"violated-policies": [policy], "retry_after_s": retry_after_s, **members}
        super().__init__(headers={"Retry-After": str(retry_after_s)}, **told)


class QuotaExceeded(RateLimited):
    """The quota of the day is used up; a new one begins at midnight in Dakar."""


class OriginNotAllowed(Forbidden):
    """A page of this origin may not call us from a browser."""


class ServiceBusy(Unavailable):
    """As many requests are under way to the service as may be; the less urgent wait outside."""
