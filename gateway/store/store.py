"""A short memory of what anybody may read, and one question at a time about the rest.

Everything here is called on the loop and never waits. Whoever asks gets an answer that is kept, a
flight to follow, or the lead of one: then they ask the service, for all who follow.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum, auto

from chassis.metrics import Counter
from gateway.store.entries import Answer, Entry, Headers, Keeping, Limits, keeping
from gateway.store.keys import Key, Question

ANSWERS = Counter("store_answers", "Answers to who brings no token, by where from.", "how")
_MOST_FLIGHTS = 1_000
_MOST_FOLLOWERS = 2_000  # each keeps its request and nothing else; who comes later asks for itself
_MOST_FLYING = 16_777_216  # bytes of answers that are not whole yet
_TOLD = {
    "hit": b"hit",
    "stored": b"fwd=miss; stored",
    "collapsed": b"fwd=miss; collapsed",
    "stale": b"hit; detail=stale-if-error",
}
_MOST_PASSING, _PASSING_S = 10_000, 10.0


class Ending(Enum):
    """How a flight ends that brings nothing for its followers."""

    LEFT = auto()  # its leader went away: somebody else may lead
    FAILED = auto()  # the service failed its leader: it may be well to the next
    NOT_FOR_ALL = auto()  # each asks for themselves
    LATE = auto()  # the service did not answer in time: who waited so long need not wait again


Landed = Entry | Ending
Tell = Callable[[Landed], None]


class Flight:
    """A question on its way to a service; who follows is told once how it ended."""

    def __init__(self, store: "Store", epoch: int) -> None:
        self.epoch = epoch
        self.is_stale = False  # it brought back what was kept, for want of something newer
        self._store = store
        self._followers: dict[Tell, None] = {}  # in the order in which they came

    def follow(self, tell: Tell) -> None:
        """Be told."""
        self._followers[tell] = None
        self._store.following += 1

    def forget(self, tell: Tell) -> None:
        """Wait for it no more."""
        if tell in self._followers:
            del self._followers[tell]
            self._store.following -= 1

    def end(self, landed: Landed) -> None:
        """Tell everybody."""
        followers, self._followers = self._followers, {}
        self._store.following -= len(followers)
        for tell in followers:
            tell(landed)


class Store:
    """The answers of all services in this process."""

    def __init__(self, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.now = now
        self.flying = 0
        self.following = 0
        self.size = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._flights: dict[Key, Flight] = {}
        self._passing: OrderedDict[int, float] = OrderedDict()  # by hash: a key may be 4 KB
        self._epochs: dict[str, int] = {}

    def look(self, key: Key) -> Entry | None:
        """What is kept and fresh."""
        entry = self._entries.get(key)
        if entry is None or entry.epoch != self.epoch(key) or self._age(entry) >= entry.fresh_s:
            return None
        self._entries.move_to_end(key)
        return entry

    def ask(self, asked: Question) -> "Entry | Flight | Lead | None":
        """What is kept, who to follow, or the lead; None: the service, as if we were not here."""
        key = asked.key
        if (entry := self.look(key)) is not None:
            return entry
        if asked.is_head:
            return None
        flight = self._flights.get(key)
        if flight is not None and flight.epoch == self.epoch(key):
            return flight if self.following < _MOST_FOLLOWERS else None
        return self._lead(key) if self._may_lead(asked) else None

    def answer(self, entry: Entry, asked: Question, how: str) -> Answer:
        """What is sent to who asked."""
        return entry.answer(asked.known, self.now(), _TOLD[how])

    def _may_lead(self, asked: Question) -> bool:
        # who leads asks for the whole; who holds a version already does that only for what is
        # known to be for all
        if asked.known is not None and asked.key not in self._entries:
            return False
        is_passing = self._passing.get(hash(asked.key), 0.0) > self.now()
        return not is_passing and len(self._flights) < _MOST_FLIGHTS

    def _lead(self, key: Key) -> "Lead":
        flight = self._flights[key] = Flight(self, self.epoch(key))
        return Lead(self, key, flight)

    def epoch(self, key: Key) -> int:
        """Which state of the service we know of."""
        return self._epochs.get(key.service, 0)

    def changed(self, service: str) -> None:
        """Something may have changed there: what was asked before is old."""
        self._epochs[service] = self._epochs.get(service, 0) + 1

    def usable(self, key: Key) -> Entry | None:
        """What is better than no answer."""
        entry = self._entries.get(key)
        is_usable = entry is not None and self._age(entry) < entry.fresh_s + entry.stale_s
        return entry if is_usable and entry is not None and entry.stale_s else None

    def keep(self, key: Key, entry: Entry) -> None:
        """Keep an answer, and as many of those that were read last as there is room for."""
        old = self._entries.pop(key, None)
        if old is not None:
            self.size -= _size(key, old)
            entry = old if old.epoch > entry.epoch else entry
        self._entries[key] = entry
        self.size += _size(key, entry)
        while self.size > self.limits.bytes:
            self.size -= _size(*self._entries.popitem(last=False))

    def leave_alone(self, key: Key) -> None:
        """Remember that this is not for all, so that nobody waits for it in vain."""
        self._passing[hash(key)] = self.now() + _PASSING_S
        self._passing.move_to_end(hash(key))
        if len(self._passing) > _MOST_PASSING:
            self._passing.popitem(last=False)

    def over(self, key: Key, flight: Flight, landed: Landed) -> None:
        """A flight has ended."""
        if self._flights.get(key) is flight:
            del self._flights[key]
        flight.end(landed)

    def _age(self, entry: Entry) -> float:
        return self.now() - entry.at


def _size(key: Key, entry: Entry) -> int:
    return entry.size + sum(map(len, key))


class Lead:
    """The one who asks for all. What comes is collected before anybody gets it, so that nobody
    waits for a leader who reads slowly."""

    def __init__(self, store: Store, key: Key, flight: Flight) -> None:
        self.store, self._key, self._flight = store, key, flight
        self._at = store.now()  # what is asked now is as old as the question
        self._kept: Keeping | None = None
        self._headers: Headers = ()
        self._parts: list[bytes] = []
        self._length = 0
        self._is_over = False

    def begins(self, status: int, headers: Headers) -> Entry | None:
        """The answer begins; what to send instead of it, if there is something better."""
        store, key = self.store, self._key
        if status >= 500:
            stale = store.usable(key)
            self._flight.is_stale = stale is not None
            self._kept = None
            self._end(stale or (Ending.LATE if status == 504 else Ending.FAILED))
            return stale
        self._kept, self._headers = keeping(status, headers, store.limits), headers
        if self._kept is None:
            self._refuse()
        return None

    def fails(self, status: int) -> Entry | None:
        """The gateway refuses; what is wrong with one request is nothing to those who follow."""
        stale = self.begins(status, ()) if status >= 500 else None
        self.leave()
        return stale

    @property
    def is_holding(self) -> bool:
        """Whether the answer is being collected."""
        return self._kept is not None

    def feed(self, part: bytes) -> bytes | None:
        """A part of the body; what to send now, None as long as it is collected."""
        self._parts.append(part)
        self._length += len(part)
        self.store.flying += len(part)
        is_small = self._length <= self.store.limits.bytes_each
        if is_small and self.store.flying <= _MOST_FLYING:
            return None
        self._kept = None
        held = b"".join(self._parts)
        self._refuse()
        return held

    def end(self) -> Entry:
        """The answer is whole."""
        assert self._kept is not None  # noqa: S101  who holds nothing asks nothing
        body, epoch = b"".join(self._parts), self._flight.epoch
        entry = Entry(self._headers, body, self._kept, at=self._at, epoch=epoch)
        self.store.keep(self._key, entry)
        self._end(entry)
        return entry

    def breaks(self) -> Entry | None:
        """The answer ends before it is whole; what to send instead, if there is something."""
        return self.begins(503, ())

    def leave(self) -> None:
        """Whatever happened: nobody is left waiting."""
        self._end(Ending.LEFT)

    def _refuse(self) -> None:
        self.store.leave_alone(self._key)
        self._end(Ending.NOT_FOR_ALL)

    def _end(self, landed: Landed) -> None:
        if self._is_over:
            return
        self._is_over = True
        self.store.flying -= self._length
        self._parts = []
        self.store.over(self._key, self._flight, landed)
