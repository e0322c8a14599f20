"""How the services behind are doing just now, for `/metrics`."""

from collections.abc import Callable, Iterator

from prometheus_client.metrics_core import Metric

from chassis.metrics import gauge, grown
from gateway.upstreams.balance import Address
from gateway.upstreams.breaker import State
from gateway.upstreams.priorities import Priority
from gateway.upstreams.routing import Routing

_STATES = {State.CLOSED: 0.0, State.HALF_OPEN: 1.0, State.OPEN: 2.0}
_OF_ADDRESS: dict[str, tuple[str, Callable[[Address], float]]] = {
    "upstream_breaker_state": (
        "0 closed: asked. 1 half open: tried. 2 open: left alone.",
        lambda address: _STATES[address.breaker.state],
    ),
    "upstream_ready": ("1 if its own check says so.", lambda address: float(address.is_ready)),
    "upstream_in_flight": ("Calls under way.", lambda address: float(address.in_flight)),
}


def figures(routing: Routing) -> Iterator[Metric]:
    """Each address, and the places of each service."""
    upstreams = routing.upstreams.items()
    addresses = [(name, address) for name, found in upstreams for address in found.addresses]
    for figure, (says, of) in _OF_ADDRESS.items():
        told = [((name, address.url), of(address)) for name, address in addresses]
        yield gauge(figure, says, ("service", "address"), told)
    taken = [((name,), float(found.bulkhead.taken)) for name, found in upstreams]
    yield gauge("upstream_places_taken", "Requests that have a place.", ("service",), taken)
    shed = [
        ((name, priority.name), float(found.bulkhead.shed[priority]))
        for name, found in upstreams
        for priority in Priority
    ]
    says = "Requests sent away because a service had no place for them."
    yield grown("requests_shed", says, ("service", "priority"), shed)
