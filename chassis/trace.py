"""One trace from the edge through services and events (W3C trace context, level 1).

A trace id names nothing and opens nothing. `tracestate`, which vendors add, goes where its trace
goes: through requests, not into events.
"""

import re
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Final, NamedTuple

# A later version may say more after what we know; `ff` is none, and ours ends here.
_TRACEPARENT = re.compile(
    r"(?!ff)(?!00-.{52}-)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}"
    r"(?:-[!-~]*)?"
)
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_NUMBER: Final = b"000000000"
_STATE = re.compile(r"[ -~]{1,512}")
_fresh: Final[list[str]] = []
_fresh_spans: Final[list[bytes]] = []


class Trace(NamedTuple):
    """A trace: its id, what vendors said of it, and the span in which its caller was."""

    id: str
    state: str = ""
    span: str = ""


class Spans(NamedTuple):
    """What telemetry knows, where it is on (see `chassis.telemetry`)."""

    current: Callable[[], tuple[str, str] | None]  # trace and span
    link: Callable[[Trace], None]
    hearing: Callable[[str, str], AbstractContextManager[None]]


spans: Spans | None = None


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def told(traceparent: str | None, state: str | None = None) -> Trace | None:
    """The trace that a caller named, if it is one; a state that is none is left out."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if found is None:
        return None
    return Trace(found[1], state if state and _STATE.fullmatch(state) else "", found[2])


def read(traceparent: str | None) -> str:
    """The trace id of the caller when it is well-formed, else a new one."""
    found = told(traceparent)
    return found.id if found else new_hex()


def begin(trace: Trace | None = None) -> str:
    """Go on in `trace`, or in a new one; the trace id."""
    trace = trace or Trace(new_hex())
    _current.set(trace)
    return trace.id


def adopt(traceparent: str | None) -> str:
    """Continue the caller's trace when it is well-formed, else begin one; the trace id."""
    return begin(told(traceparent))


def arrive(sent: Trace | None, *, is_public: bool) -> str:
    """Go on in the trace that a request names, unless it may come from a stranger; where telemetry
    is on, in that of its span, which is chosen in the same way. The trace id."""
    trace = None if is_public else sent
    found = spans.current() if spans else None
    if found and (trace is None or trace.id != found[0]):
        trace = Trace(found[0])
    return begin(trace)


def follow(sent: Trace) -> str:
    """Go on in the trace of a caller who has turned out to be known; a span that is under way
    cannot, and is linked. The trace id."""
    if spans and spans.current():
        spans.link(sent)
        return current()
    return begin(sent)


def hearing(type: str, producer: str) -> AbstractContextManager[None]:
    """While the effect of an event takes place."""
    return spans.hearing(type, producer) if spans else nullcontext()


def under_way() -> Trace | None:
    """The trace under way; None outside any."""
    return _current.get()


def current() -> str:
    """The trace id of what is under way; empty outside any."""
    trace = _current.get()
    return trace.id if trace else ""


def new_hex() -> str:
    """32 random hexadecimal digits, from the system's source, fetched for 256 at a time; none that
    a log would take for somebody's number (see `chassis.logs`)."""
    while not _fresh:
        drawn = secrets.token_hex(16 * 256)
        digits = drawn.encode().translate(_DIGITS)
        for at in range(0, len(drawn), 32):
            if digits.find(_NUMBER, at, at + 32) < 0:
                _fresh.append(drawn[at : at + 32])
    return _fresh.pop()


def new_span() -> bytes:
    """16 random hexadecimal digits, fetched likewise."""
    if not _fresh_spans:
        drawn = secrets.token_hex(8 * 256).encode()
        _fresh_spans.extend(drawn[at : at + 16] for at in range(0, len(drawn), 16))
    return _fresh_spans.pop()


def current_traceparent() -> str | None:
    """The header to send on, with a fresh span id; None outside any trace."""
    trace = _current.get()
    if trace is None:
        return None
    found = spans.current() if spans else None
    span = found[1] if found and found[0] == trace.id else secrets.token_hex(8)
    return f"00-{trace.id}-{span}-01"


def trace_headers() -> list[tuple[bytes, bytes]]:
    """What a request to another process says of the trace under way."""
    trace, parent = _current.get(), current_traceparent()
    if trace is None or parent is None:
        return []
    state = [(b"tracestate", trace.state.encode())] if trace.state else []
    return [(b"traceparent", parent.encode()), *state]
