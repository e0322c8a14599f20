"""One request on its way to a service, neither held nor changed; `crossing` has the way back.

Nothing here waits: what comes from either side moves it on. The beginning of a body is gathered
before anything is asked of the service: who sends slowly occupies none of its connections. After
it pieces move as they come, in both directions, no faster than the slower side takes them.
"""

import time
from typing import Final

from chassis.connection import Asking, Connection
from chassis.errors import (
    BodyTooLarge,
    MalformedRequest,
    RequestTimeout,
    ServiceUnavailable,
    Unauthenticated,
)
from chassis.metrics import traffic
from gateway.errors import GatewayTimeout
from gateway.limits.limits import Ticket
from gateway.plane.crossing import ASKED, GATHERING, JUDGED, OVER
from gateway.plane.shelved import Shelved
from gateway.upstreams.attempts import Attempts
from gateway.upstreams.balance import Outcome

_BEGINNING: Final = 65_536
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Passage(Shelved):
    """From the head of a request to the last byte of its answer."""

    expects: bool = False  # to be told that it may go on
    _letter: bytes | None = None
    _held: bytes | None = None  # the beginning of the body; all of it when it `is_held`
    _seen: int = 0
    _is_held: bool = False
    _is_sent: bool = False
    _is_held_back: bool = False

    def begin(self) -> None:
        """Its turn has come."""
        if self.disconnected or self._transport.is_closing():
            return
        self._began, self._state = time.perf_counter(), JUDGED
        traffic.under_way += 1
        self._safely(self._judge)

    def _judge(self) -> None:
        found = self._plane.at_hand(self._question)
        if found is None:
            self._protocol.later(self._judge_later())
            return
        self._passport, self._letter = found
        self._count().take()
        if self._question.said.token == "":
            raise Unauthenticated(reason="invalid")
        self._go()

    async def _judge_later(self) -> None:
        try:
            self._passport, refusal = await self._plane.identified(self._question)
            await self._plane.counted(self._count())
            if refusal is not None:
                raise refusal
            self._letter = await self._plane.letter(self._question)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is answered
            self._safely(self._raise, error)
        else:
            self._safely(self._go)

    def _raise(self, error: Exception) -> None:
        raise error

    def _count(self) -> Ticket:
        client = self._protocol.client
        if self._passport is not None:
            self._question.follow()
        self._ticket = self._plane.ticket(self._question, self._manner, self._passport, client)
        return self._ticket

    def _go(self) -> None:
        if self._state != OVER and not self._is_on_shelf():
            self._set_out()

    def _set_out(self) -> None:
        self._question.check(self._plane.max_body_bytes)
        self._state = GATHERING
        self._plane.watch.add(self)
        if self._question.said.has_body:
            self._moved()
            if self.expects and not self.body:
                self._plane.turn.write(self._transport, _CONTINUE)
        self._gather()

    def _gather(self) -> None:
        has_body = self._question.said.has_body
        is_held = not (has_body and self.more_body)
        if is_held or len(self.body) >= _BEGINNING:
            self._is_held = self._is_sent = is_held
            if has_body:
                self._held, self.body = bytes(self.body), bytearray()
                self._check_length()
            asked = self._manner.asked(is_keyed=self._question.said.is_keyed, is_held=is_held)
            upstream = self._plane.upstream(self._question)
            self._attempts = Attempts(upstream, self._manner.priority, asked)
            self._until = self._plane.turn.now() + self._manner.total_s
            self._state = ASKED
            self._try()
        self._protocol.read_on()

    def _check_length(self) -> None:
        self._seen = len(self._held or b"")
        if self._seen > self._plane.max_body_bytes:
            raise BodyTooLarge()
        said = self._question.said
        if self._is_held and not said.is_chunked and self._seen != said.length:
            raise MalformedRequest()

    def _try(self) -> None:
        if self._state != ASKED or self._attempts is None:
            return
        question = self._question
        origin = self._origin = self._plane.origin(self._attempts.begin().url)
        told = self._manner.deadline(is_held=self._is_held)
        first = question.head(origin.authority, self._letter, told)
        if question.said.has_body:
            first += self._framed(self._held or b"", is_last=self._is_held)
        asking = Asking(
            self,
            first,
            is_whole=self._is_held,
            is_chunked=question.said.is_chunked,
            is_head=question.verb == b"HEAD",
        )
        origin.ask(asking)
        if self._connection is None:
            self._moved()  # it waits for one

    def _framed(self, body: bytes, *, is_last: bool) -> bytes:
        if not self._question.said.is_chunked:
            return body
        end = b"0\r\n\r\n" if is_last else b""
        return b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end

    # What the server tells.

    def set(self) -> None:
        """More of the body came, or its end; or the caller left."""
        if self.disconnected:
            self._leave()
        elif self._state == GATHERING:
            self._moved()
            self._safely(self._gather)
        elif self._state == ASKED:
            self._safely(self._send_more)

    def takes(self, *, is_ready: bool) -> None:
        """Whether the caller takes more of the answer."""
        if self._connection is not None:
            if is_ready:
                self._moved()
                self._connection.resume()
            elif self._is_untaken:
                self._connection.pause()
        elif is_ready:
            self.pour_on()

    def late(self) -> None:
        """Nothing moved for too long."""
        is_untaken = self._is_untaken
        if self._state == GATHERING:
            self._refuse(RequestTimeout())
        elif self._connection is None:
            self._ended(Outcome.REFUSED)
            self._refuse(ServiceUnavailable(service=self._question.way.service))
        elif not (self._is_sent or self._is_held_back):
            self._refuse(RequestTimeout())  # it is the rest of the body that does not come
        elif is_untaken and self._plane.turn.now() < self._until:
            # held back by us it can but be silent; who takes too little is judged by the server
            self.deadline = self._until
        else:
            self._ended(Outcome.LEFT if is_untaken else Outcome.LATE)
            self._refuse(GatewayTimeout(service=self._question.way.service))

    # What the connection to the service tells.

    def carried(self, connection: Connection) -> None:
        """The request is on its way."""
        self._connection = connection
        if self._is_untaken:
            connection.pause()
        self._moved()
        if not self._is_sent:
            self._safely(self._send_more)

    def hold(self) -> None:
        """The service takes no more of the body for now."""
        self._is_held_back = True

    def go_on(self) -> None:
        """It takes more."""
        self._is_held_back = False
        self._safely(self._send_more)

    def _send_more(self) -> None:
        if self._is_sent or self._is_held_back or self._connection is None:
            return
        self._moved()
        if self.body:
            chunk, self.body = bytes(self.body), bytearray()
            self._seen += len(chunk)
            if self._seen > self._plane.max_body_bytes:
                raise BodyTooLarge()
            self._connection.send(chunk)
        if not self.more_body:
            self._is_sent = True
            self._connection.finish()
        self._protocol.read_on()
