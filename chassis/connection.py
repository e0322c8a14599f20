"""One connection to a peer: a request is written, its answer is read, piece by piece.

Callbacks instead of tasks, and nothing kept: what comes is handed on in the turn of the loop in
which it came, and no faster than the one who asked takes it. A connection serves again only when
all is known to be over: the request wholly written, the answer whole, and nothing behind it.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum, auto
from typing import Any, Final, Protocol

import httptools
import structlog

from chassis import lines

log = structlog.get_logger()
Header = tuple[bytes, bytes]
HEAD_BYTES: Final = 32_768
# of a head, of chunk lines or trailers, that come without anything to hand on
LOOSE_BYTES: Final = 65_536
_TRANSFER_ENCODING: Final = b"transfer-encoding"


class Failure(StrEnum):
    """Why there is no answer, or only half of one."""

    UNREACHABLE = auto()  # no connection came about
    CLOSED = auto()  # it closed before the first byte of an answer
    BROKEN = auto()  # it closed in the midst of one
    GARBAGE = auto()  # what came is no answer, or one whose end two readers may see elsewhere
    OVERSIZE = auto()  # the head of the answer is larger than any that makes sense


class _Unreadable(Exception):
    """Raised through the parser."""


class Asker(Protocol):
    """Who asked. Told in this order: `headed`, `came`…, `ended`; or `failed`, at any point."""

    def headed(self, status: int, headers: list[Header]) -> None:
        """The head of the answer; names are as they were written."""

    def came(self, chunk: bytes) -> None:
        """A piece of its body."""

    def turned(self) -> None:
        """That was all for this turn of the loop; more will follow."""

    def ended(self) -> None:
        """The answer is whole."""

    def failed(self, failure: Failure) -> None:
        """There will be no (more) answer."""

    def carried(self, connection: "Connection") -> None:
        """The request is on its way on this connection; `send` the rest of its body there."""

    def hold(self) -> None:
        """Send no more for now: the peer does not take it."""

    def go_on(self) -> None:
        """Send again."""


class Asking:
    """A request: its head with as much of its body as is there, framed."""

    __slots__ = ("asker", "first", "is_chunked", "is_head", "is_whole", "may_repeat")

    def __init__(
        self,
        asker: Asker,
        first: bytes,
        *,
        is_whole: bool = True,
        is_chunked: bool = False,
        is_head: bool = False,
    ) -> None:
        self.asker = asker
        self.first = first  # what is written at once
        self.is_whole = is_whole  # nothing follows
        self.is_chunked = is_chunked
        self.is_head = is_head  # HEAD: the answer announces a body and has none
        # whether another connection may be asked when one that was kept proves dead
        self.may_repeat = False


class Pool(Protocol):
    """Whom a connection belongs to."""

    def writer(self, transport: Any) -> Callable[[bytes], None]:
        """How to write to its transport."""

    def free(self, connection: "Connection") -> None:
        """It may serve again."""

    def gone(self, connection: "Connection") -> None:
        """It will not."""

    def repeat(self, asking: Asking) -> None:
        """Ask this on a new connection."""


class Connection(asyncio.Protocol):
    """Serves one asker at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._transport: Any = None
        self._write: Callable[[bytes], None]
        self._parser: Any = httptools.HttpResponseParser(self)
        self._asking: Asking | None = None
        self._asker: Asker | None = None
        self._headers: list[Header] = []
        self._has_served = self._is_paused = self._is_held = False
        self.idle_since = 0.0
        self._begin(None)

    def _begin(self, asking: Asking | None) -> None:
        self._asking = asking
        self._headers = []
        self._has_heard = self._is_headed = self._is_whole = self._is_skewed = False
        self._keeps = True
        self._loose = 0

    @property
    def is_closing(self) -> bool:
        """Whether nothing can be asked here any more."""
        return self._transport is None or bool(self._transport.is_closing())

    @property
    def is_cut(self) -> bool:
        """Whether the line to the peer is cut, so that nothing more can come."""
        return self._transport is not None and lines.is_cut(self._transport)

    # What the asker does.

    def carry(self, asking: Asking) -> None:
        """Write a request."""
        self._begin(asking)
        self._asker = asking.asker
        self._is_sent = asking.is_whole
        self._write(asking.first)
        self._asker.carried(self)
        if self._is_held and self._asker is not None:
            self._asker.hold()

    def send(self, chunk: bytes) -> None:
        """More of the body."""
        if self._asking is not None and self._asking.is_chunked:
            self._write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        else:
            self._write(chunk)

    def finish(self) -> None:
        """That was the whole body."""
        self._is_sent = True
        if self._asking is not None and self._asking.is_chunked:
            self._write(b"0\r\n\r\n")

    def pause(self) -> None:
        """Read no more for now."""
        if not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()

    def leave(self) -> None:
        """Ask for nothing any more: whoever works for it may stop."""
        self._asker = self._asking = None
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # What the loop tells.

    def connection_made(self, transport: Any) -> None:
        """It stands."""
        self._transport, self._write = transport, self._pool.writer(transport)
        lines.keep_asking(transport)

    def pause_writing(self) -> None:
        """The peer takes no more."""
        self._is_held = True
        if self._asker is not None:
            self._asker.hold()

    def resume_writing(self) -> None:
        """It takes more."""
        self._is_held = False
        if self._asker is not None:
            self._asker.go_on()

    def data_received(self, data: bytes) -> None:
        """A piece of the answer; with nobody there who asked, the end of the connection."""
        asker = self._asker
        if asker is None:
            self.abort()
            return
        self._has_heard = True
        self._loose += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._skew(error)
        if self._asker is not asker:
            return  # it left meanwhile
        if self._is_whole:
            self._end(asker)
        elif self._is_skewed or self._loose > LOOSE_BYTES:
            self._fail(Failure.OVERSIZE if self._loose > HEAD_BYTES else Failure.GARBAGE)
        else:
            asker.turned()

    def _skew(self, error: Exception) -> None:
        self._is_skewed = True
        cause = error.__context__
        if isinstance(error, httptools.HttpParserCallbackError) and not isinstance(
            cause, _Unreadable
        ):
            log.error("crashed", exc_info=cause)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed, by whomever; an answer without a length ends so."""
        self._pool.gone(self)
        asker, asking = self._asker, self._asking
        # it knows us as we know it: only the collector would part us, and find us much later
        self._parser = self._asking = None
        if asker is None or asking is None:
            return
        self._asker = None
        if self._is_headed and exc is None and self._ends_by_closing():
            asker.ended()
        elif self._has_served and not self._has_heard and asking.may_repeat:
            self._pool.repeat(asking)
        else:
            asker.failed(Failure.BROKEN if self._has_heard else Failure.CLOSED)

    def _ends_by_closing(self) -> bool:
        framing = (_TRANSFER_ENCODING, b"content-length")
        return all(name.lower() not in framing for name, _ in self._headers)

    def _end(self, asker: Asker) -> None:
        # to the pool first, so that whom the asker asks for next finds it there
        self._asker = self._asking = None
        is_over = self._is_sent and self._keeps and not self._is_skewed
        if is_over and not self._transport.is_closing():
            self._has_served = True
            self.resume()
            self._pool.free(self)
        else:
            self._transport.abort()
        asker.ended()

    def _fail(self, failure: Failure) -> None:
        asker, self._asker, self._asking = self._asker, None, None
        self.abort()
        if asker is not None:
            asker.failed(failure)

    # What the parser tells.

    def on_message_begin(self) -> None:
        """An answer; a second one was never asked for."""
        if self._is_whole:
            self._is_skewed = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what comes after the body is nobody's."""
        if not self._is_headed:
            if len(name) == len(_TRANSFER_ENCODING) and name.lower() == _TRANSFER_ENCODING:
                self._check_coding(value)
            self._headers.append((name, value))

    def _check_coding(self, value: bytes) -> None:
        # of any other the body would be handed on in a coding that nobody names
        is_first = all(name.lower() != _TRANSFER_ENCODING for name, _ in self._headers)
        if not is_first or value.strip().lower() != b"chunked":
            raise _Unreadable()

    def on_headers_complete(self) -> None:
        """The head is whole; those before it (1xx) are for nobody."""
        status = self._parser.get_status_code()
        if self._is_whole:
            raise _Unreadable()
        if status < 200:
            self._headers = []
            return
        if self._loose > HEAD_BYTES:
            self._measure()
        if status > 599:
            raise _Unreadable()
        self._is_headed, self._loose = True, 0
        self._keeps = self._parser.should_keep_alive()
        if self._asker is not None:
            self._asker.headed(status, self._headers)
        if self._asking is not None and self._asking.is_head:
            self._is_whole = True
            self._parser = httptools.HttpResponseParser(self)  # this one waits for the body

    def _measure(self) -> None:
        size = sum(len(name) + len(value) for name, value in self._headers)
        if size > HEAD_BYTES:
            raise _Unreadable()
        self._loose = 0  # what came with it is body

    def on_body(self, chunk: bytes) -> None:
        """A piece of the body."""
        self._loose = 0
        if self._is_whole:  # of an answer to HEAD
            self._is_skewed = True
        elif self._asker is not None:
            self._asker.came(chunk)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self._is_headed:
            self._is_whole = True
