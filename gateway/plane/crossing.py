"""The way back of a request that is carried to a service: its answer, or the refusal instead."""

from collections.abc import Callable
from typing import Any, Final

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from chassis.connection import Connection, Failure
from chassis.errors import Problem, ServiceUnavailable
from chassis.metrics import traffic
from chassis.noted import Noted, note
from chassis.origin import Origin
from gateway.coding.coder import Coder
from gateway.limits.limits import Ticket
from gateway.plane.headers import Headers
from gateway.plane.passports import Passport
from gateway.plane.plane import Plane
from gateway.plane.question import Question
from gateway.upstreams.attempts import Attempts
from gateway.upstreams.balance import Outcome

log = structlog.get_logger()
NEW: Final = 0
JUDGED: Final = 1
GATHERING: Final = 2
ASKED: Final = 3
OVER: Final = 4
FOREVER: Final = 1e308


class _Over:
    """What the server may go on telling when all is over; one for all, so that no connection that
    rests keeps what it carried."""

    def __init__(self) -> None:
        self.response_started = self.response_complete = self.disconnected = True
        self.body, self.more_body, self.keep_alive = b"", False, True

    @property
    def message_event(self) -> "_Over":
        """Itself."""
        return self

    def set(self) -> None:
        """Nobody listens."""


_OVER: Final = _Over()


class Crossing:
    """What the server needs to know of it, and what is written to the caller.

    To the server it is one of its cycles; to the connection it is who asks.
    """

    # Most requests need none of these changed: to set each for each would cost as much as a head.
    _state: int = 0
    _status: int = 0
    _began: float = 0.0
    _passport: Passport | None = None
    _ticket: Ticket | None = None
    _attempts: Attempts | None = None
    _origin: Origin | None = None
    _connection: Connection | None = None
    _coder: Coder | None = None
    _is_chunked: bool = False
    _is_headed: bool = False
    _is_written: bool = False  # something of the answer has gone to the caller
    deadline: float = FOREVER
    _until: float = FOREVER
    # what the server sets and looks at
    more_body: bool = True
    disconnected: bool = False
    response_started: bool = False
    response_complete: bool = False

    def __init__(
        self, protocol: Any, plane: Plane, question: Question, *, keep_alive: bool
    ) -> None:
        self._protocol, self._plane, self._question = protocol, plane, question
        self._transport: Any = protocol.transport
        self._manner = plane.manner(question)
        self._out: list[bytes] = []
        self.body: bytes | bytearray = b""
        self.message_event: Any = self
        self.keep_alive = keep_alive

    def headed(self, status: int, headers: Headers) -> None:
        """The head of the answer."""
        self._is_headed = True
        question, plane = self._question, self._plane
        coder = question.coder(status, headers)
        if coder is not None:
            headers = coder.headers()
        out = [STATUS_LINE[status], plane.dated(self._protocol.server_state.default_headers)]
        lines, has_length = plane.head(question, status, headers, ticket=self._ticket)
        out += lines
        is_bare = question.verb == b"HEAD" or status in (204, 304)
        if not (has_length or is_bare):
            self._is_chunked = not question.said.is_old
            self.keep_alive = self.keep_alive and not question.said.is_old
        if coder is not None and not (is_bare or coder.is_idle):
            self._coder = coder
        if self._is_chunked:
            out.append(b"transfer-encoding: chunked\r\n")
        out.append(b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")
        self._status, self._out, self.response_started = status, out, True

    def came(self, chunk: bytes) -> None:
        """A piece of its body."""
        if self._coder is not None:
            chunk = self._coder.feed(chunk)
        if not chunk:
            return
        if self._is_chunked:
            self._out += (b"%x\r\n" % len(chunk), chunk, b"\r\n")
        else:
            self._out.append(chunk)

    def turned(self) -> None:
        """As much as there is for now."""
        self._moved()
        if self._out:
            self._plane.turn.write(self._transport, b"".join(self._out))
            self._out.clear()
            self._is_written = True

    def ended(self) -> None:
        """The answer is whole."""
        self._arrived()
        self._finish()

    def _arrived(self) -> None:
        self._connection = None
        self._ended(Outcome.ANSWERED)

    def failed(self, failure: Failure) -> None:
        """There is none, or half of one."""
        self._connection = self._origin = None
        is_refused = failure is Failure.UNREACHABLE
        self._ended(Outcome.REFUSED if is_refused else Outcome.BROKEN)
        self._unsay()
        pause = None
        if not self._is_headed and self._attempts is not None:
            pause = self._attempts.again()
        if pause is None:
            self._refuse(ServiceUnavailable(service=self._question.way.service))
        else:
            self._protocol.loop.call_later(pause, self._safely, self._try)

    def _try(self) -> None:
        raise NotImplementedError

    def late(self) -> None:
        """Nothing moved for too long."""
        raise NotImplementedError

    # The end.

    def _refuse(self, problem: Problem) -> None:
        if self._state == OVER:
            return
        self._let_go()
        self._unsay()
        if self.response_started:
            self._break_off()
            return
        answer = self._plane.rendered(self._question, problem)
        self.headed(answer.status_code, answer.raw_headers)
        if self._question.verb != b"HEAD":
            self.came(bytes(answer.body))
        self._finish()

    def _unsay(self) -> None:
        # what nobody has seen of an answer that ends badly is none
        if self.response_started and not self._is_written:
            self._out.clear()
            self._coder, self._status = None, 0
            self._is_chunked = self._is_headed = self.response_started = False

    def _finish(self) -> None:
        protocol = self._protocol
        if self._coder is not None:
            rest, self._coder = self._coder.end(), None
            self.came(rest)
        if self._is_chunked:
            self._out.append(b"0\r\n\r\n")
        self._plane.turn.write(self._transport, b"".join(self._out))
        self._out.clear()
        self.response_complete = True
        self._close()
        if not self.keep_alive:
            self._plane.turn.flush()
            if self._question.said.has_body and self.more_body:
                protocol.leave()
            else:
                self._transport.close()
        protocol.rest(self, _OVER)
        protocol.on_response_complete()

    def _break_off(self) -> None:
        # left unfinished, so that the caller sees that something is missing
        self._plane.turn.flush()
        self._close()
        self.disconnected = True
        if self._question.said.is_old:
            self._transport.abort()
        else:
            self._transport.close()

    def _leave(self) -> None:
        if self._state not in (NEW, OVER):
            self._let_go()
            self._close()
        self._state, self.message_event = OVER, _OVER

    def _let_go(self) -> None:
        connection, origin = self._connection, self._origin
        self._connection = self._origin = None
        if connection is not None:
            connection.leave()
        elif origin is not None:
            origin.forget(self)  # type: ignore[arg-type]  # the whole of it is who asks

    def _close(self) -> None:
        self._state = OVER
        # a ring of references would keep each request until the collector comes round
        self.message_event = _OVER
        traffic.under_way -= 1
        self._plane.watch.discard(self)
        if self._attempts is not None:
            self._attempts.leave()
        question, passport = self._question, self._passport
        said = Noted(
            question.method,
            question.way.path,
            self._status,
            question.trace_id,
            question.request_id.decode(),
        )
        if passport is not None:
            said.client_id = passport.caller.client_id
        said.linked = question.linked
        note(said, self._began)

    def _ended(self, outcome: Outcome) -> None:
        if self._attempts is not None:
            self._attempts.end(outcome)

    def _moved(self) -> None:
        wait_s = self._manner.read_s
        if self._state == ASKED and self._connection is None:
            wait_s = min(wait_s, self._manner.connect_s + 0.5)
        deadline = self._plane.turn.now() + wait_s
        self.deadline = deadline if deadline < self._until else self._until

    def _safely(self, act: Callable[..., None], *given: Any) -> None:
        try:
            act(*given)
        except Problem as problem:
            self._refuse(problem)
        except Exception:
            path = self._question.way.path
            log.exception("crashed", trace_id=self._question.trace_id, path=path)
            self._refuse(Problem())
