"""A service that answers each request with what it was asked and by whom: `python -m
tests.soak.echo PORT [HOST]`. The caller says how: at once, late, in chunks or in two halves."""

import asyncio
import base64
import json
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Any

import httptools
import uvloop

_LATE_S = 0.01


class Echo(asyncio.Protocol):
    """One connection of the gateway's; requests come one after the other."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The gateway's caller left, or the gateway."""

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_begin(self) -> None:
        self._target, self._body = b"", bytearray()
        self._told: dict[bytes, bytes] = {}

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._told[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        body = bytes(self._body) or self._target
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Name: %b\r\nX-Holder: %b\r\n" % (
            self._told.get(b"x-name", b"-"),
            holder(self._told.get(b"authorization", b"")),
        )
        way = self._told.get(b"x-way", b"plain")
        if way == b"chunks":
            chunked = b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in _halves(body) if one)
            self._say(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked + b"0\r\n\r\n")
            return
        whole = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        if way == b"plain":
            self._say(whole)
        elif way == b"late":
            asyncio.get_running_loop().call_later(_LATE_S, self._say, whole)
        else:
            first, second = _halves(whole)
            self._say(first)
            asyncio.get_running_loop().call_later(_LATE_S, self._say, second)

    def _say(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)


def _halves(body: bytes) -> tuple[bytes, bytes]:
    return body[: len(body) // 2], body[len(body) // 2 :]


@lru_cache(10_000)
def holder(authorization: bytes) -> bytes:
    """Whom the internal token of a request names; nothing is verified here."""
    with suppress(IndexError, ValueError):
        claims = authorization.split(b".")[1]
        found: str = json.loads(base64.urlsafe_b64decode(claims + b"=="))["sub"]
        return found.encode()
    return b"nobody"


async def main(port: int, host: str = "127.0.0.1") -> None:
    """Listen until somebody ends us."""
    server = await asyncio.get_running_loop().create_server(Echo, host, port, backlog=4_096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), *sys.argv[2:]))
