"""Which service answers an address, and where it lives: a table that is exchanged as a whole.

Requests under way keep the addresses that they were given; whoever comes after a reload meets the
new table only.
"""

from collections.abc import Collection, Mapping, Sequence

import structlog
from fastapi import FastAPI

from chassis.openapi_routes import routes
from gateway.routes_table import BUILT_IN, SHARED, Table, Way
from gateway.settings import SERVICES, GatewaySettings
from gateway.upstreams.breaker import Breaking
from gateway.upstreams.file import FileRefused, Wishes, read
from gateway.upstreams.patience import Patience, patience_of
from gateway.upstreams.priorities import Priority
from gateway.upstreams.upstream import Policy, Upstream

log = structlog.get_logger()


def own_words(app: FastAPI) -> set[str]:
    """The first words of the addresses that the gateway itself answers."""
    return {route.path.split("/")[2] for route in routes(app) if route.path.startswith("/v1/")}


class Routing:
    """What the data plane looks things up in. `own`: first words that the gateway answers itself;
    no file may give them away."""

    def __init__(self, settings: GatewaySettings, own: Collection[str] = ()) -> None:
        self._settings = settings
        shared = (word.decode() for word in SHARED)
        self._own = {*own, *shared} - {word.decode() for word in BUILT_IN.words}
        breaking = Breaking(failures=settings.upstream_failures)
        policy = Policy(breaking=breaking, places=settings.upstream_connections)
        self._table = BUILT_IN
        self.patience: Mapping[Priority, Patience] = {
            priority: patience.at_most(settings.upstream_connect_s, settings.upstream_silence_s)
            for priority, patience in patience_of(settings.patience).items()
        }
        wishes = self._read()
        self.upstreams: Mapping[str, Upstream] = {
            name: Upstream(name, self._urls(name, wishes), policy) for name in SERVICES
        }
        self._table = self._table_of(wishes)

    def find(self, path: bytes) -> Way | None:
        """The way of a raw path (without query); None for what the gateway answers itself."""
        return self._table.find(path)

    def places(self) -> Mapping[str, Sequence[str]]:
        """The addresses of each service."""
        return {
            name: [address.url for address in upstream.addresses]
            for name, upstream in self.upstreams.items()
        }

    def reload(self) -> bool:
        """Read the file again; one that does not hold is told in the log and changes nothing."""
        try:
            wishes = self._read()
            table = self._table_of(wishes)
        except FileRefused as refusal:
            log.error("routes_refused", file=str(self._settings.routes_file), error=str(refusal))
            return False
        for name, upstream in self.upstreams.items():
            upstream.move(self._urls(name, wishes))
        self._table = table
        log.info("routes_reloaded", addresses=self.places(), routes=len(table.words))
        return True

    def _read(self) -> Wishes:
        file = self._settings.routes_file
        return read(file) if file is not None else Wishes()

    def _urls(self, service: str, wishes: Wishes) -> Sequence[str]:
        return dict(wishes.addresses).get(service) or self._settings.addresses_of(service)  # type: ignore[call-overload]

    def _table_of(self, wishes: Wishes) -> Table:
        if taken := sorted(self._own & set(wishes.routes)):
            raise FileRefused(f"routes: the gateway answers these itself: {', '.join(taken)}")
        return BUILT_IN.with_words(wishes.routes)
