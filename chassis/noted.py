"""A request that is over, as it is counted and written down."""

import time

from chassis.logs import visits
from chassis.metrics import traffic


class Noted:
    """What is told of it. `linked`: the trace that a stranger said this belongs to."""

    __slots__ = ("client_id", "linked", "method", "request_id", "route", "status", "trace_id")

    def __init__(
        self, method: str, route: str, status: int, trace_id: str, request_id: str
    ) -> None:
        self.method, self.status = method, status
        self.route = route  # a template of ours, never an address
        self.trace_id, self.request_id = trace_id, request_id
        self.client_id: str | None = None
        self.linked: str | None = None


def note(said: Noted, began: float) -> None:
    """Count one request, and write its line; nothing that a caller chose stands there unmasked."""
    seconds = time.perf_counter() - began
    traffic.count(said.method, said.route, said.status, seconds)
    visits.note(said, seconds)
