"""Room for requests under way to one service: a slow one must not fill the whole process, and
what is urgent must not wait behind what is not."""

from collections.abc import Mapping

from gateway.errors import ServiceBusy
from gateway.upstreams.priorities import Priority

# A class is let in while less than this share of all places is taken.
SHARES: Mapping[Priority, float] = {
    Priority.DECISIONS: 1.0,
    Priority.WRITES: 0.9,
    Priority.READS: 0.75,
    Priority.BULK: 0.4,
}


class Place:
    """One request's room; to leave twice is to leave once."""

    __slots__ = ("_bulkhead",)

    def __init__(self, bulkhead: "Bulkhead") -> None:
        self._bulkhead: Bulkhead | None = bulkhead

    def leave(self) -> None:
        """Make room."""
        if self._bulkhead is not None:
            self._bulkhead.taken -= 1
            self._bulkhead = None


class Bulkhead:
    """So many places, and from which fill on each class is sent away."""

    __slots__ = ("_doors", "_service", "shed", "taken")

    def __init__(self, service: str, places: int) -> None:
        self._service = service
        self._doors: tuple[int, ...] = ()
        self.taken = 0
        self.shed = dict.fromkeys(Priority, 0)
        self.widen(places)

    def widen(self, places: int) -> None:
        """Have so many places from now on; nobody who is in is put out."""
        self._doors = tuple(max(1, int(places * SHARES[priority])) for priority in Priority)

    def admit(self, priority: Priority) -> Place:
        """A place, or `ServiceBusy`."""
        if self.taken >= self._doors[priority]:
            self.shed[priority] += 1
            raise ServiceBusy(service=self._service)
        self.taken += 1
        return Place(self)
