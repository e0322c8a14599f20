"""Answers that are ready as bytes: a public thing by its id, before the framework looks.

A lane beside a route, for the plain question alone: GET, a well-formed id, no query, no body. What
it does not find, or what the route has something to say about, it leaves to the route: refusals
have one home, and without the lane nothing is missing but speed.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
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
Headers = Iterable[tuple[bytes, bytes]]


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

    @property
    def path(self) -> str:
        """The template, as the log names it."""
        return f"{self.prefix}{{id}}"


class Question(NamedTuple):
    """A request that the lane may answer."""

    place: "Place"
    id: UUID
    told: Mapping[str, str]  # headers
    caller: Caller | None

    def answer(self, found: Prepared) -> tuple[int, bytes, bytes]:
        """Status, headers, body; 304 for who holds this version already."""
        tag = etag(found.version)
        head = b"etag: %b\r\n%b" % (tag.encode(), self.place.head)
        if is_known(self.told.get("if-none-match"), tag):
            return 304, head, b""
        return 200, b"content-length: %d\r\n%b%b" % (len(found.body), _KIND, head), found.body


_KIND = b"content-type: application/json\r\n"


class Place:
    """A ready route in one process."""

    def __init__(self, route: ReadyRoute, state: Any, always: Headers) -> None:
        self.path, self.prefix = route.path, route.prefix
        self.length = len(route.prefix) + _ID
        own = (b"cache-control", route.cache_control.encode())
        pairs = [own, *(pair for pair in always if pair[0] != own[0])]
        self.head = b"".join(b"%b: %b\r\n" % pair for pair in pairs)

        async def find(ids: list[UUID]) -> Mapping[UUID, Prepared]:
            return await route.find(state.reads, ids)

        self.gathered: Gathered[UUID, Prepared] = Gathered(find)


class Lane:
    """All ready routes of an application; `always` are headers that every answer carries."""

    def __init__(self, routes: Sequence[ReadyRoute], state: Any, always: Headers) -> None:
        self._state = state
        self._places = [Place(route, state, always) for route in routes]

    def question(self, scope: Mapping[str, Any]) -> Question | None:
        """What this request asks, if the lane may answer it."""
        path: str = scope["path"]
        if scope["method"] != "GET" or scope["query_string"]:
            return None
        for place in self._places:
            if len(path) == place.length and path.startswith(place.prefix):
                return self._understood(place, path[-_ID:], scope["headers"])
        return None

    def _understood(self, place: Place, text: str, headers: Headers) -> Question | None:
        id, told = _id(text), _told(headers)
        if id is None or told is None:
            return None
        if "authorization" not in told:
            return Question(place, id, told, None)
        caller = self._caller(told["authorization"])
        # one that is not known: the route verifies it, or says why it does not hold
        return Question(place, id, told, caller) if caller else None

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


def _told(headers: Headers) -> dict[str, str] | None:
    told: dict[str, str] = {}
    for raw, value in headers:
        if raw in _READ:
            name = raw.decode()
            if name in told and name in _ONCE:
                return None
            told.setdefault(name, value.decode("latin-1"))
    if "content-length" in told or "transfer-encoding" in told:
        return None
    return told if len(told.get("if-none-match", "")) <= MOST_VALIDATORS else None
