"""How requests with one method for one of the ways are treated: worked out once for each."""

from collections.abc import Mapping

from gateway.limits import classes
from gateway.limits.tiers import RouteClass
from gateway.upstreams.budget import Asked
from gateway.upstreams.patience import Patience
from gateway.upstreams.priorities import Priority, priority_of


class Manner:
    """Their urgency, how long a service is waited for, and as what they are counted."""

    __slots__ = ("_asked", "_known", "_method", "_path", "_stranger", "_told", "connect_s",
                 "priority", "read_s", "total_s")  # fmt: skip

    def __init__(self, method: str, path: str, patience: Mapping[Priority, Patience]) -> None:
        self._method, self._path = method, path
        self.priority = priority_of(method, path)
        found = patience[self.priority]
        self.connect_s, self.read_s, self.total_s = found.connect_s, found.read_s, found.total_s
        self._told = found.deadline(is_held=False), found.deadline(is_held=True)
        self._asked = {
            (is_keyed, is_held): Asked(method, is_keyed=is_keyed, is_held=is_held)
            for is_keyed in (True, False)
            for is_held in (True, False)
        }
        self._known = classes.of_way(path, method, b"", is_known=True)
        self._stranger = classes.of_way(path, method, b"", is_known=False)

    def deadline(self, *, is_held: bool) -> bytes:
        """What the service is told (see `Patience.deadline`)."""
        return self._told[1] if is_held else self._told[0]

    def asked(self, *, is_keyed: bool, is_held: bool) -> Asked:
        """What a repetition depends on."""
        return self._asked[is_keyed, is_held]

    def route_class(self, target: bytes, *, is_known: bool) -> RouteClass:
        """As what a request is counted: a search costs more than a look."""
        if target.find(b"?") >= 0:
            query = target.partition(b"?")[2]
            return classes.of_way(self._path, self._method, query, is_known=is_known)
        return self._known if is_known else self._stranger
