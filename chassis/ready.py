"""Answers that are ready as bytes: what is public and asked for most, before the framework looks.

A lane beside a route, for the plain question alone: GET, a well-formed address, no body. What it
does not find, or what the route has something to say about, it leaves to the route: refusals have
one home, and without the lane nothing is missing but speed.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from chassis.auth import Caller, Verifier
from chassis.gathered import Gathered
from chassis.reads import Reads
from chassis.versions import MOST_VALIDATORS, etag, is_known

_ID = 36
_READ = frozenset(
    (b"authorization", b"if-none-match", b"traceparent", b"x-request-id", b"content-length",
     b"transfer-encoding")
)  # fmt: skip
_ONCE = ("authorization", "if-none-match")
KIND = b"content-type: application/json\r\n"
Headers = Iterable[tuple[bytes, bytes]]
Answer = tuple[int, bytes, bytes]  # status, head, body


class Place(Protocol):
    """A ready route in one process: what it can be asked, and how it says what was found."""

    path: str  # the template, as the log names it
    gathered: Gathered[Any, Any]

    def key(self, path: str, query: bytes) -> Any:
        """What such an address asks for; None if that is not for the lane."""

    def answer(self, key: Any, found: Any, told: Mapping[str, str]) -> Answer:
        """Status, head and body."""


class Ready(Protocol):
    """What a service names."""

    def place(self, state: Any, always: Headers) -> Place:
        """Its place in a process; `always` are headers that every answer carries."""


class Prepared(NamedTuple):
    """What a thing is now: its version, and its JSON."""

    version: int
    body: bytes


@dataclass(frozen=True)
class ReadyRoute:
    """A route `<prefix>{id}`; `find` reads what it would answer, for several ids at once."""

    prefix: str
    find: Callable[[Reads, list[UUID]], Awaitable[Mapping[UUID, Prepared]]]
    cache_control: str

    def place(self, state: Any, always: Headers) -> Place:
        """Its place in a process."""
        return _Thing(self, state, head(self.cache_control, always))


class _Thing:
    def __init__(self, route: ReadyRoute, state: Any, head: bytes) -> None:
        self.path, self._prefix, self._head = f"{route.prefix}{{id}}", route.prefix, head
        self._length = len(route.prefix) + _ID

        async def find(ids: list[UUID]) -> Mapping[UUID, Prepared]:
            return await route.find(state.reads, ids)

        self.gathered: Gathered[UUID, Prepared] = Gathered(find)

    def key(self, path: str, query: bytes) -> UUID | None:
        is_ours = len(path) == self._length and path.startswith(self._prefix)
        return _id(path[-_ID:]) if is_ours and not query else None

    def answer(self, _: UUID, found: Prepared, told: Mapping[str, str]) -> Answer:
        tag = etag(found.version)
        said = b"etag: %b\r\n%b" % (tag.encode(), self._head)
        if is_known(told.get("if-none-match"), tag):  # who holds this version already
            return 304, said, b""
        return 200, b"content-length: %d\r\n%b%b" % (len(found.body), KIND, said), found.body


def head(cache_control: str, always: Headers) -> bytes:
    """The headers that are the same in every answer of a place."""
    own = (b"cache-control", cache_control.encode())
    pairs = [own, *(pair for pair in always if pair[0] != own[0])]
    return b"".join(b"%b: %b\r\n" % pair for pair in pairs)


class Question(NamedTuple):
    """A request that the lane may answer."""

    place: Place
    key: Any
    told: Mapping[str, str]  # headers
    caller: Caller | None


class Lane:
    """All ready routes of an application."""

    def __init__(self, routes: Sequence[Ready], state: Any, always: Headers) -> None:
        self._state = state
        self._places = [route.place(state, always) for route in routes]

    def question(self, scope: Mapping[str, Any]) -> Question | None:
        """What this request asks, if the lane may answer it."""
        if scope["method"] == "GET":
            path, query = scope["path"], scope["query_string"]
            for place in self._places:
                key = place.key(path, query)
                if key is not None:
                    return self._understood(place, key, scope["headers"])
        return None

    def _understood(self, place: Place, key: Any, headers: Headers) -> Question | None:
        said = told(headers)
        if said is None:
            return None
        if "authorization" not in said:
            return Question(place, key, said, None)
        caller = self._caller(said["authorization"])
        # one that is not known: the route verifies it, or says why it does not hold
        return Question(place, key, said, caller) if caller else None

    def _caller(self, sent: str) -> Caller | None:
        verifier: Verifier = self._state.verifier
        scheme, _, token = sent.partition(" ")
        return verifier.remembered(token) if scheme == "Bearer" else None


def _id(text: str) -> UUID | None:
    try:
        id = UUID(text)
    except ValueError:
        return None
    return id if str(id) == text else None


def told(headers: Headers) -> dict[str, str] | None:
    """What the headers of a plain question say; None if there is a body, or more to be said."""
    said: dict[str, str] = {}
    for raw, value in headers:
        if raw in _READ:
            name = raw.decode()
            if name in said and name in _ONCE:
                return None
            said.setdefault(name, value.decode("latin-1"))
    if "content-length" in said or "transfer-encoding" in said:
        return None
    return said if len(said.get("if-none-match", "")) <= MOST_VALIDATORS else None
