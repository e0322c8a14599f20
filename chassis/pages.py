"""Lists without a ceiling: keyset cursors that nobody can forge and that expire after a week."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from asyncpg import Record
from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from chassis.errors import CursorExpired, Finding, MalformedRequest

T = TypeVar("T")
_LIFETIME_S = 7 * 86_400
LONGEST_CURSOR = 600
MOST_ROWS = 200
DEFAULT_ROWS = 50


class Page(BaseModel, Generic[T]):
    """One page: `next_cursor` and `next` are null at the end."""

    items: Annotated[list[T], Field(max_length=MOST_ROWS)]
    next_cursor: Annotated[str | None, Field(max_length=LONGEST_CURSOR)]
    next: Annotated[str | None, Field(json_schema_extra={"format": "uri"})]


class Cursors:
    """Issues and reads cursors; bound to the list's address and filters."""

    def __init__(self, secret: str) -> None:
        self._secret = hashlib.sha256(f"cursors:{secret}".encode()).digest()

    def issue(self, key: Sequence[Any], scope: str) -> str:
        """A cursor after the row whose sort key is `key`."""
        body = orjson.dumps([list(key), int(time.time()) + _LIFETIME_S])
        return base64.urlsafe_b64encode(self._mac(body, scope) + body).decode()

    def read(self, cursor: str, scope: str) -> list[Any]:
        """The sort key in `cursor`; 400 when it is not ours, 410 when it is too old."""
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii"))
            mac, body = raw[:16], raw[16:]
        except ValueError as error:
            raise _not_ours() from error
        if not hmac.compare_digest(mac, self._mac(body, scope)):
            raise _not_ours()
        key, expires = orjson.loads(body)
        if expires < time.time():
            raise CursorExpired()
        return list(key)

    def _mac(self, body: bytes, scope: str) -> bytes:
        return hmac.digest(self._secret, b"%b\n%b" % (scope.encode(), body), "sha256")[:16]


def _not_ours() -> MalformedRequest:
    return MalformedRequest(findings=[Finding(code="CURSOR_INVALID", parameter="cursor")])


class Window:
    """What a list was asked for: how many rows, after which key."""

    def __init__(self, request: Request, limit: int, cursor: str | None) -> None:
        self.limit = limit
        self._request = request
        self._cursors: Cursors = request.app.state.cursors
        filters = sorted((k, v) for k, v in request.query_params.items() if k != "cursor")
        self._filters = [(k, v) for k, v in filters if k != "limit"]
        self._scope = f"{request.url.path}?{urlencode(self._filters)}"
        self.after = self._cursors.read(cursor, self._scope) if cursor else None

    def page(
        self, rows: Sequence[Any], key: Callable[[Any], Sequence[Any]], response: Response
    ) -> dict[str, Any]:
        """A page from up to `limit + 1` rows; also sets the `Link` header."""
        shown = list(rows[: self.limit])
        cursor = None
        if len(rows) > self.limit:
            cursor = self._cursors.issue(key(shown[-1]), self._scope)
        address = self._address(cursor) if cursor else None
        if address:
            response.headers["Link"] = f'<{address}>; rel="next"'
        return {"items": shown, "next_cursor": cursor, "next": address}

    def rows(
        self, rows: Sequence[Record], key: Callable[[Any], Sequence[Any]], cache_control: str
    ) -> Response:
        """A page of rows whose columns are the fields of the wire, written without a model: the
        query is the only place where they are named, and the route declares what they are."""
        answer = Response(media_type="application/json")
        page = self.page(rows, key, answer)
        items = [dict(row) for row in page["items"]]
        answer.body = orjson.dumps({**page, "items": items}, default=str)  # the driver's own UUID
        answer.headers["Content-Length"] = str(len(answer.body))
        answer.headers["Cache-Control"] = cache_control
        return answer

    def _address(self, cursor: str) -> str:
        base: str = self._request.app.state.settings.public_url
        query = urlencode([*self._filters, ("limit", str(self.limit)), ("cursor", cursor)])
        return f"{base}{self._request.url.path}?{query}"


async def _window(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="rows in a page")] = DEFAULT_ROWS,
    cursor: Annotated[
        str | None, Query(max_length=LONGEST_CURSOR, description="from `next_cursor`")
    ] = None,
) -> Window:
    return Window(request, limit, cursor)


List = Annotated[Window, Depends(_window)]
