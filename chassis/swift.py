"""The server's short cuts: what a lane can answer never becomes a task, nor a request of the
framework; what a plain route answers passes its layers by. Everything else goes its ordinary way,
and so does what is not found there."""

import time
from functools import partial
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from chassis import edge, trace
from chassis.metrics import traffic
from chassis.noted import Noted, note
from chassis.protocol import Patience, PatientProtocol
from chassis.ready import Lane, Question
from chassis.short import Errand, ShortWay

log = structlog.get_logger()


class SwiftProtocol(PatientProtocol):
    """Asks the lane of the application first."""

    # whoever is in front holds us back for as long as its own caller takes, and judges that one
    patience = Patience(unread_s=600.0)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        state = getattr(self.app, "state", None)
        self._lane: Lane | None = getattr(state, "lane", None)
        self._short: ShortWay | None = getattr(state, "short", None)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        # `app` is another one when the server is too busy; a client that does not read is waited
        # for by the ordinary way
        is_open = app is self.app and not self.flow.write_paused
        question = self._lane.question(cycle.scope) if self._lane and is_open else None
        if question is not None:
            tell = partial(self._tell, cycle, question, time.perf_counter())
            traffic.under_way += 1
            question.place.gathered.ask(question.key, tell)
            return
        errand = self._short.errand(cycle.scope) if self._short and is_open else None
        if errand is None or self._short is None:
            super()._start_asgi_task(cycle, app)
        else:
            task = self.loop.create_task(self._run(cycle, self._short, errand))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    async def _run(self, cycle: Any, short: ShortWay, errand: Errand) -> None:
        began = time.perf_counter()
        answer = None
        traffic.under_way += 1
        try:
            answer = await short.answer(errand)
            head = short.head(answer, errand.scope["request_id"]) if answer else b""
        except Exception as error:  # noqa: BLE001 - the long way meets it again, and says where
            log.warning("short_way_failed", error=type(error).__name__)
            answer = None
        finally:
            traffic.under_way -= 1
        if answer is None:
            await cycle.run_asgi(self.app)
            return
        if self.flow.write_paused:
            await self.flow.drain()
        if not (cycle.disconnected or self.transport.is_closing()):
            self._send(cycle, [STATUS_LINE[answer.status_code], head], bytes(answer.body))
        self._note(errand, answer.status_code, began)

    def _note(self, errand: Errand, status: int, began: float) -> None:
        scope, path = errand.scope, errand.route.path
        client_id = getattr(scope["state"].get("caller"), "client_id", None)
        said = Noted("GET", path, status, scope["trace_id"], scope["request_id"])
        said.client_id = client_id
        note(said, began)

    def _tell(self, cycle: Any, question: Question, began: float, found: Any) -> None:
        traffic.under_way -= 1
        if cycle.disconnected or self.transport.is_closing():
            return
        if found is None:
            super()._start_asgi_task(cycle, self.app)
            return
        trace_id = trace.read(question.told.get("traceparent"))
        request_id = edge.request_id(question.told.get("x-request-id", ""))
        status, head, body = question.place.answer(question.key, found, question.told)
        self._send(cycle, [STATUS_LINE[status], head, _own(request_id)], body)
        said = Noted("GET", question.place.path, status, trace_id, request_id)
        said.client_id = question.caller.client_id if question.caller else None
        note(said, began)

    def _send(self, cycle: Any, parts: list[bytes], body: bytes) -> None:
        parts += [b"%b: %b\r\n" % pair for pair in self.server_state.default_headers]
        parts += [b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n", body]
        cycle.response_started = cycle.response_complete = True
        self.transport.write(b"".join(parts))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()


def _own(request_id: str) -> bytes:
    return b"x-request-id: %b\r\n" % request_id.encode()
