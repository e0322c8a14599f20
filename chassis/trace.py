"""One trace from the edge through services and events (W3C trace context, level 1).

A trace id names nothing and opens nothing. `tracestate`, which vendors add, goes where its trace
goes: through requests, not into events.
"""

import re
import secrets
from contextvars import ContextVar
from typing import NamedTuple

# A later version may say more after what we know; `ff` is none, and ours ends here.
_TRACEPARENT = re.compile(
    r"(?!ff)(?!00-.{52}-)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
    r"(?:-[!-~]*)?"
)
_STATE = re.compile(r"[ -~]{1,512}")
_fresh: list[str] = []


class Trace(NamedTuple):
    """A trace: its id, and what vendors said of it."""

    id: str
    state: str = ""


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def told(traceparent: str | None, state: str | None = None) -> Trace | None:
    """The trace that a caller named, if it is one; a state that is none is left out."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if found is None:
        return None
    return Trace(found[1], state if state and _STATE.fullmatch(state) else "")


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


def current() -> str:
    """The trace id of what is under way; empty outside any."""
    trace = _current.get()
    return trace.id if trace else ""


def new_hex() -> str:
    """32 random hexadecimal digits, from the system's source, fetched for 256 at a time."""
    if not _fresh:
        drawn = secrets.token_hex(16 * 256)
        _fresh.extend(drawn[at : at + 32] for at in range(0, len(drawn), 32))
    return _fresh.pop()


def current_traceparent() -> str | None:
    """The header to send on, with a fresh span id; None outside any trace."""
    trace = _current.get()
    return f"00-{trace.id}-{secrets.token_hex(8)}-01" if trace else None


def trace_headers() -> list[tuple[bytes, bytes]]:
    """What a request to another process says of the trace under way."""
    trace, parent = _current.get(), current_traceparent()
    if trace is None or parent is None:
        return []
    state = [(b"tracestate", trace.state.encode())] if trace.state else []
    return [(b"traceparent", parent.encode()), *state]
