"""What the gateway counts where it happens; `gateway/upstreams/figures.py` says how things are."""

from typing import Final

from chassis.metrics import Counter

ATTEMPTS: Final = Counter(
    "upstream_attempts", "Calls to a service by their end.", "service", "outcome"
)
RETRIES: Final = Counter("upstream_retries", "Calls to a service that were made again.", "service")
LIMITED: Final = Counter("requests_limited", "Requests refused by a limit.", "code", "route_class")
