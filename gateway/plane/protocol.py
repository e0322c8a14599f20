"""The server's connection to a caller: a request for a service is carried there as soon as its head
is read, without a task and before the framework; every other one goes its ordinary way."""

from collections.abc import Coroutine
from typing import Any

import httptools

from chassis.bounds import Awaited
from chassis.errors import Problem
from chassis.protocol import PatientProtocol
from gateway.plane.passage import Passage
from gateway.plane.plane import Plane
from gateway.plane.question import Question
from gateway.plane.said import Said
from gateway.plane.sayings import Sayings


class GatewayProtocol(PatientProtocol):
    """Carries what belongs to a service."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._plane: Plane = self.app.state.plane
        self._passage: Passage | None = None
        self._is_owed = False  # somebody waits only because the caller takes nothing
        self._piece = b""  # in which a head came whole that may be learnt

    def data_received(self, data: bytes) -> None:
        """More bytes of a request; of one whose head is known it is all there is."""
        is_new = not (self.has_begun or self.is_over)
        if is_new and self.awaited is not Awaited.BODY:
            found = self._plane.sayings.find(data)
            if found is not None and self._take_known(*found):
                return
            self._piece = data
        super().data_received(data)
        self._piece = b""

    def _take_known(self, target: bytes, said: Said) -> bool:
        way = self._plane.routing.find(target.partition(b"?")[0])
        is_idle = self.is_answered and not (self.flow.write_paused or self.transport.is_closing())
        if way is None or not is_idle:
            return False
        self.await_(Awaited.NOTHING)
        question = Question(b"GET", target, said, way)
        passage = Passage(self, self._plane, question, keep_alive=not self.is_leaving)
        passage.more_body = False
        cycle: Any = passage
        self.cycle = self._passage = cycle
        passage.begin()
        return True

    def take_request(self) -> None:
        """The head of a request is whole."""
        question = self._question()
        if question is None:
            super().take_request()
            return
        is_kept = self.parser.should_keep_alive() and not (question.said.is_old or self.is_leaving)
        self._learn(question, is_kept=is_kept)
        passage: Any = Passage(self, self._plane, question, keep_alive=is_kept)
        passage.expects = self.expect_100_continue
        earlier, self.cycle = self.cycle, passage  # to the server it is one of its cycles
        is_next = earlier is None or earlier.response_complete
        if is_next and not self.flow.write_paused:
            self._passage = passage
            passage.begin()
        else:
            self._is_owed = self._is_owed or is_next
            self.flow.pause_reading()
            self.pipeline.appendleft((passage, self.app))

    def _learn(self, question: Question, *, is_kept: bool) -> None:
        is_plain = is_kept and not (self.parser.should_upgrade() or self.expect_100_continue)
        if is_plain and self._piece and Sayings.is_worth(self._piece):
            self._plane.sayings.learn(self._piece, question.target, question.said)

    def call_next(self) -> None:
        """Begin with who waits, once the caller has taken what was said before: many an answer is
        made at once, and who asks without reading would have all of them kept for them."""
        self._is_owed = bool(self.pipeline) and self.flow.write_paused
        if not self._is_owed:
            super().call_next()

    def _question(self) -> Question | None:
        target = self._target()
        way = self._plane.routing.find(target.partition(b"?")[0])
        if way is None:
            return None
        is_old = self.parser.get_http_version() == "1.0"
        verb, said = self.parser.get_method(), Said(self.headers, is_old=is_old)
        # preflights are answered in front of all services
        is_preflight = verb == b"OPTIONS" and said.is_preflight
        return None if is_preflight else Question(verb, target, said, way)

    def _target(self) -> bytes:
        url = self.url
        if url.startswith(b"/") and b"#" not in url:
            return url if url.isascii() else b""
        # RFC 9112 §3.2.2: a server must accept the absolute form
        if not ((url.isascii() and url[:4].lower() == b"http") or url.startswith(b"/")):
            return b""
        parsed: Any = httptools.parse_url(url)  # its stub knows of no part that may be missing
        path: bytes = parsed.path or b""
        return path + b"?" + parsed.query if parsed.query else path

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        if isinstance(cycle, Passage):  # one that waited for those before it
            self._passage = cycle
            self.loop.call_soon(cycle.begin)
        else:
            self._passage = None
            super()._start_asgi_task(cycle, app)

    def later(self, judging: Coroutine[Any, Any, None]) -> None:
        """Let this go on; the server waits for it when it leaves."""
        task = self.loop.create_task(judging)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def rest(self, passage: Any, over: Any) -> None:
        """Keep nothing of this one."""
        if self.cycle is passage:
            self.cycle, self._passage = over, None

    def read_on(self) -> None:
        """Read more, unless later requests wait already."""
        if not self.pipeline:
            self.flow.resume_reading()

    def pause_writing(self) -> None:
        """The caller takes no more of what we say."""
        super().pause_writing()
        if self._passage is not None:
            self._passage.takes(is_ready=False)

    def resume_writing(self) -> None:
        """It takes more."""
        super().resume_writing()
        if self._passage is not None:
            self._passage.takes(is_ready=True)
        if self._is_owed and not self.transport.is_closing():
            self.call_next()

    def refuse(self, problem: Problem, *, silently: bool = False) -> None:
        """What comes now cannot be read: an earlier request has nobody to be answered to either."""
        self._plane.turn.flush()  # what was said before comes first
        super().refuse(problem, silently=silently)
        self._part()

    def shutdown(self) -> None:
        """The server leaves: it may close what is answered."""
        self._plane.turn.flush()
        super().shutdown()

    def _close_knocked(self) -> None:
        self._plane.turn.flush()
        super()._close_knocked()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has left: so do those who work for it."""
        super().connection_lost(exc)
        self._part()
        # they know us as we know them: only the collector would part us, and find us much later
        self.pipeline.clear()
        self._passage = None
        if isinstance(self.cycle, Passage):
            self.cycle = None

    def _part(self) -> None:
        passage = self._passage
        if passage is not None and not passage.response_complete:
            passage.disconnected = True
            passage.set()
