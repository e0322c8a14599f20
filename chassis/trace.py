"""One trace id from the edge through services and events (W3C trace context)."""

import re
import secrets
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("trace_id", default=None)
_fresh: list[str] = []


def read(traceparent: str | None) -> str:
    """The trace id of the caller when it is well-formed, else a new one."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    return found[1] if found and set(found[1]) != {"0"} else new_hex()


def adopt(traceparent: str | None) -> str:
    """Continue the caller's trace when it is well-formed, else begin one; the trace id."""
    trace_id = read(traceparent)
    _current.set(trace_id)
    return trace_id


def current() -> str:
    """The trace id of the request under way; empty outside any."""
    return _current.get() or ""


def new_hex() -> str:
    """32 random hexadecimal digits, from the system's source, fetched for 256 at a time."""
    if not _fresh:
        drawn = secrets.token_hex(16 * 256)
        _fresh.extend(drawn[at : at + 32] for at in range(0, len(drawn), 32))
    return _fresh.pop()


def current_traceparent() -> str | None:
    """The header to send on, with a fresh span id; None outside any trace."""
    trace_id = _current.get()
    return f"00-{trace_id}-{secrets.token_hex(8)}-01" if trace_id else None
