"""A connection whose requests have bounded heads, and refusals that are problems: uvicorn's own
protocol keeps a head of any size, and answers what it cannot read in plain text."""

import re
import secrets
from enum import Enum, auto
from functools import lru_cache
from typing import Any, ClassVar

import httptools
import structlog
from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from chassis.answers import render
from chassis.errors import (
    AddressTooLong,
    Finding,
    HeadersTooLarge,
    MalformedRequest,
    Problem,
    RequestTimeout,
)
from chassis.flow import Flow, Line
from chassis.metrics import Counter

log = structlog.get_logger()
REFUSED = Counter("connections_refused", "Connections ended before a request was whole.", "code")
# RFC 9110 §7.2 and RFC 3986 §3.2: a name, an IPv4 or IPv6 address, perhaps a port.
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")


@lru_cache(maxsize=64)
def _is_host(value: bytes) -> bool:
    return _HOST.fullmatch(value.strip(b" \t")) is not None


class Awaited(Enum):
    """What the client owes us."""

    HEAD = auto()
    BODY = auto()
    NOTHING = auto()  # until its next request


class BoundedProtocol(HttpToolsProtocol):
    """Follows a request from its first byte to its last; only a body may go on and on."""

    address_bytes: ClassVar[int] = 8_190
    head_bytes: ClassVar[int] = 32_768
    knock_s: ClassVar[float] = 1.0
    loose_bytes: ClassVar[int] = 65_536  # of a head, or around a body, that comes in pieces
    most_waiting: ClassVar[int] = 1_000  # requests behind one that is not answered yet

    def connection_made(self, transport: Any) -> None:
        """Wait for a request."""
        super().connection_made(transport)
        flow: Any = Flow(transport)
        line: Any = Line()
        self.flow, self.pipeline = flow, line
        self._refusal: Problem | None = None
        self._under_way: Any = None  # what the framework answers; `cycle` is the last that was read
        self._steps = self._head_bytes = self._loose = 0
        self.has_begun = self.is_over = False
        self.answered_at = 0.0
        self.await_(Awaited.HEAD)

    def data_received(self, data: bytes) -> None:
        """More bytes of a request."""
        if self.is_over:
            return
        if self.awaited is Awaited.NOTHING:
            self.await_(Awaited.HEAD)
        before = self._steps
        self._read(data)
        self._loose = self._loose + len(data) if before == self._steps else 0
        if self._loose > self.loose_bytes:
            self.refuse(HeadersTooLarge())

    def _read(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest and not self.is_over:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as offered:
                # nothing is upgraded here (RFC 9110 §7.8): what follows is the next request
                rest = rest[offered.args[0] :]
            except httptools.HttpParserError:
                self.send_400_response("")
                return
            else:
                return

    def on_message_begin(self) -> None:
        """A request begins; none behind what ends the connection."""
        if self.is_over:
            self._stop(MalformedRequest())
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._head_bytes, self.has_begun = 0, True
        if self.awaited is not Awaited.HEAD:  # it came in one piece with the end of another one
            self.await_(Awaited.HEAD)

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self.url = self.url + url  # mypyc knows no `+=` on what another module declares
        if len(self.url) > self.address_bytes:
            self._stop(AddressTooLong())

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what comes after the body is nobody's."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self.head_bytes:
            self._stop(HeadersTooLarge())
        if self.awaited is Awaited.HEAD:
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole, and says once for whom it is meant."""
        if self.awaited is Awaited.HEAD:
            self._check_head()
        if len(self.pipeline) >= self.most_waiting:  # one piece may bring seven thousand of them
            self._stop(HeadersTooLarge())
        if self.parser.get_http_version() == "1.0":
            self.expect_100_continue = False  # RFC 9110 §10.1.1: who speaks it knows no 100
        self.take_request()
        if self.is_leaving and self.cycle is not None:
            self.cycle.keep_alive = False
        self.await_(Awaited.BODY)

    def take_request(self) -> None:
        """Begin to answer it."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()  # describes it; a subclass that answers otherwise needs none
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._under_way = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self.moved += len(body)
        self._steps += 1
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        super().on_message_complete()
        self.has_begun = False
        self.await_(Awaited.NOTHING)

    def on_response_complete(self) -> None:
        """The answer is whole, perhaps before the request is; whoever waits comes next.

        Those who ask for nothing more are left by whoever looks after all connections: a timer for
        each answer would cost more than reading a head.
        """
        self.server_state.total_requests += 1
        self.answered_at = self.loop.time()
        if not self.transport.is_closing():
            self.call_next()

    def call_next(self) -> None:
        """Begin with who waits, and read no more as long as others wait already."""
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        if not self.pipeline:
            self.flow.resume_reading()

    @property
    def is_leaving(self) -> bool:
        """Whether this process is about to end: each answer is the last on its connection."""
        return bool(getattr(self.server_state, "is_leaving", False))

    def shutdown(self) -> None:
        """End, after what is under way. A request may be on its way on a connection that is new."""
        if self.is_over:  # it ends by itself, once what was said can have been read
            return
        if self.cycle is None and not self.transport.is_closing():
            self.loop.call_later(self.knock_s, self._close_knocked)
        else:
            super().shutdown()

    def _close_knocked(self) -> None:
        super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """What the parser refused to read, or one of us through it."""
        self.refuse(self._refusal or MalformedRequest())

    def await_(self, awaited: Awaited) -> None:
        """Begin to wait, for something else or anew."""
        self.awaited = awaited
        self.since, self.moved = self.loop.time(), 0
        self._steps += 1

    @property
    def is_answered(self) -> bool:
        """Whether nobody here is working for this client."""
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    def refuse(self, problem: Problem, *, silently: bool = False) -> None:
        """Take nothing any more, and say why unless an answer is already on its way."""
        if self.is_over or self.transport.is_closing():
            return
        if self._may_answer and not silently:
            log.info("refused", code=problem.code)
            REFUSED.add(problem.code)
            self.transport.write(self._answer(problem))
        if isinstance(problem, RequestTimeout):
            self.transport.close()
        else:
            self.leave()
        for cycle in (self._under_way, self.cycle):
            if cycle is not None:
                cycle.disconnected = True
                cycle.message_event.set()

    @property
    def _may_answer(self) -> bool:
        if self.awaited is Awaited.BODY:
            return not (self.pipeline or self.cycle.response_started)
        return self.is_answered

    def leave(self) -> None:
        """Say no more; what still comes is read and dropped for a while: to close a connection on
        unread bytes is to take the answer back."""
        self.is_over = True
        self.pipeline.clear()  # nothing can be written behind the end
        self.await_(self.awaited)
        if not self.transport.is_closing():
            self.transport.write_eof()
        self.flow.resume_reading()

    def _check_head(self) -> None:
        hosts, codings = [], []
        for name, value in self.headers:
            if name == b"host":
                hosts.append(value)
            elif name == b"transfer-encoding":
                codings.append(value.strip().lower())
        if not self._names_a_host(hosts):
            params = {"expected": "one host"}
            finding = Finding(code="FIELD_INVALID", header="Host", params=params)
            self._stop(MalformedRequest(findings=[finding]))
        if (codings or self.parser.should_upgrade()) and not self._ends_clearly(codings):
            self._stop(MalformedRequest())

    def _names_a_host(self, hosts: list[bytes]) -> bool:
        # RFC 9112 §3.2: of two, or of none, whoever stands before us may have understood another
        if len(hosts) != 1:
            return not hosts and self.parser.get_http_version() == "1.0"
        return _is_host(hosts[0])

    def _ends_clearly(self, codings: list[bytes]) -> bool:
        # RFC 9112 §6.1: two readers must see the end of the body at the same byte. The parser takes
        # what follows a request to upgrade for another protocol, even its body.
        if not self.parser.should_upgrade():
            return codings == [b"chunked"] and self.parser.get_http_version() == "1.1"
        lengths = [value for name, value in self.headers if name == b"content-length"]
        return not codings and all(value == b"0" for value in lengths)

    def _stop(self, refusal: Problem) -> None:
        self._refusal = refusal
        raise ValueError(refusal.code)  # the parser hands it on to `data_received`

    def _answer(self, problem: Problem) -> bytes:
        trace_id = secrets.token_hex(16)
        scope = {"type": "http", "app": self.app, "headers": [], "trace_id": trace_id}
        answer = render(Request(scope), problem)
        headers = [*self.server_state.default_headers, *answer.raw_headers]
        told = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        body = bytes(answer.body)
        return STATUS_LINE[answer.status_code] + told + b"connection: close\r\n\r\n" + body
