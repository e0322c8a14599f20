"""The server's short cut: what a lane can answer never becomes a task, nor a request of the
framework. Everything else goes its ordinary way, and so does what the lane does not find."""

import time
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from chassis import edge, trace
from chassis.metrics import traffic
from chassis.protocol import Patience, PatientProtocol
from chassis.ready import Lane, Question


class SwiftProtocol(PatientProtocol):
    """Asks the lane of the application first."""

    # whoever is in front holds us back for as long as its own caller takes, and judges that one
    patience = Patience(unread_s=600.0)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._lane: Lane | None = getattr(getattr(self.app, "state", None), "lane", None)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        # `app` is another one when the server is too busy; a client that does not read is waited
        # for by the ordinary way
        is_open = self._lane is not None and app is self.app and not self.flow.write_paused
        question = self._lane.question(cycle.scope) if self._lane and is_open else None
        if question is None:
            super()._start_asgi_task(cycle, app)
        else:
            tell = partial(self._tell, cycle, question, time.perf_counter())
            traffic.under_way += 1
            question.place.gathered.ask(question.key, tell)

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
        self._write(cycle, [STATUS_LINE[status], head, _own(request_id)], body)
        edge.note(
            trace_id=trace_id,
            request_id=request_id,
            method="GET",
            route=question.place.path,
            status=status,
            began=began,
            caller=question.caller,
        )

    def _write(self, cycle: Any, parts: list[bytes], body: bytes) -> None:
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
