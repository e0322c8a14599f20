"""Pages that are ready as bytes: a public list, from the first page or from a cursor of ours.

The rows stand in the database as the wire shows them; PostgreSQL joins those of a page. Pages that
are asked for in one turn of the loop come by one query.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlencode
from uuid import UUID

import orjson

from chassis.errors import Problem
from chassis.gathered import Gathered
from chassis.pages import DEFAULT_ROWS, LONGEST_CURSOR, MOST_ROWS, Cursors
from chassis.reads import Reads
from chassis.ready import KIND, Answer, Headers, Place, head

_FROM_THE_FIRST = UUID(int=0)


class Asked(NamedTuple):
    """So many rows, after an id."""

    after: UUID
    limit: int


class PreparedPage(NamedTuple):
    """The rows of a page, joined by commas; the id of the last one, if others follow."""

    rows: bytes
    last: UUID | None


@dataclass(frozen=True)
class ReadyList:
    """A list whose sort key is the id; `find` reads several pages at once."""

    path: str
    find: Callable[[Reads, list[Asked]], Awaitable[Mapping[Asked, PreparedPage]]]
    cache_control: str

    def place(self, state: Any, always: Headers) -> Place:
        """Its place in a process."""
        return _List(self, state, head(self.cache_control, always))


class _List:
    def __init__(self, route: ReadyList, state: Any, head: bytes) -> None:
        self.path, self._head, self._state = route.path, head, state
        self._scope = f"{route.path}?"  # a cursor of this list, narrowed by nothing
        self._base = f"{state.settings.public_url}{route.path}"

        async def find(pages: list[Asked]) -> Mapping[Asked, PreparedPage]:
            return await route.find(state.reads, pages)

        self.gathered: Gathered[Asked, PreparedPage] = Gathered(find)

    def key(self, path: str, query: bytes) -> Asked | None:
        if path != self.path:
            return None
        said = _parameters(query)
        if said is None:
            return None
        limit = int(said.get(b"limit", DEFAULT_ROWS))
        after = self._after(said[b"cursor"]) if b"cursor" in said else _FROM_THE_FIRST
        return Asked(after, limit) if after and 1 <= limit <= MOST_ROWS else None

    def _after(self, cursor: bytes) -> UUID | None:
        cursors: Cursors = self._state.cursors
        try:
            return UUID(cursors.read(unquote_to_bytes(cursor).decode("ascii"), self._scope)[0])
        except (Problem, ValueError):
            return None

    def answer(self, asked: Asked, found: PreparedPage, _: Mapping[str, str]) -> Answer:
        cursor = address = None
        said = self._head
        if found.last is not None:
            cursor = self._state.cursors.issue([str(found.last)], self._scope)
            address = f"{self._base}?{urlencode([('limit', asked.limit), ('cursor', cursor)])}"
            said = b'link: <%b>; rel="next"\r\n%b' % (address.encode(), said)
        end = orjson.dumps({"next_cursor": cursor, "next": address})
        body = b'{"items":[%b],%b' % (found.rows, end[1:])
        return 200, b"content-length: %d\r\n%b%b" % (len(body), KIND, said), body


def _parameters(query: bytes) -> dict[bytes, bytes] | None:
    # in any order, each once, as our own links spell them; the route reads everything else
    said: dict[bytes, bytes] = {}
    for part in query.split(b"&") if query else ():
        name, _, value = part.partition(b"=")
        if not _is_plain(name, value) or name in said:
            return None
        said[name] = value
    return said


def _is_plain(name: bytes, value: bytes) -> bool:
    if name == b"limit":
        return value.isdigit() and len(value) < 4 and not value.startswith(b"0")
    return name == b"cursor" and 0 < len(value) <= LONGEST_CURSOR
