"""One trace id from the edge through services and events (W3C trace context)."""

import re
import secrets
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("trace_id", default=None)


def adopt(traceparent: str | None) -> str:
    """Continue the caller's trace when it is well-formed, else begin one; the trace id."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    is_real = found is not None and set(found[1]) != {"0"}
    trace_id = found[1] if found and is_real else secrets.token_hex(16)
    _current.set(trace_id)
    return trace_id


def current() -> str:
    """The trace id of the request under way; empty outside any."""
    return _current.get() or ""


def current_traceparent() -> str | None:
    """The header to send on, with a fresh span id; None outside any trace."""
    trace_id = _current.get()
    return f"00-{trace_id}-{secrets.token_hex(8)}-01" if trace_id else None
