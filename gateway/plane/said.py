"""What the headers of a request say to us, worked out once: a caller says the same again and again,
whatever it asks for."""

from collections.abc import Sequence
from typing import Final

from chassis import trace
from chassis.edge import is_modest
from gateway.coding.tags import NOTHING, bare
from gateway.coding.wishes import NONE, wish_of
from gateway.plane.headers import Headers, inward, token_in

_NOTHING: Final[Sequence[bytes]] = ()


class Said:
    """Never changed once made: many requests may share it. `is_old`: by HTTP/1.0."""

    __slots__ = ("_told", "has_body", "headers", "held", "is_chunked", "is_keyed", "is_old",
                 "is_readable", "is_repeated", "length", "lines", "named", "named_id", "origins",
                 "sent", "token", "wish")  # fmt: skip

    def __init__(self, headers: Headers, *, is_old: bool) -> None:
        self.headers, self.is_old = headers, is_old
        lines, told = inward(headers)
        self._told = told
        self.token = token_in(told.get(b"authorization", _NOTHING))
        self.sent = self._named_trace() if b"traceparent" in told else None
        # the caller's own name for this request
        wished = told.get(b"x-request-id")
        self.named_id = wished[0] if wished and is_modest(wished[0]) else None
        length = told.get(b"content-length")
        self.length = int(length[0]) if length else None
        self.is_chunked = b"transfer-encoding" in told
        self.has_body = self.is_chunked or bool(self.length)
        # a body of unknown length has no end for HTTP/1.0
        self.wish = wish_of(headers) if b"accept-encoding" in told and not is_old else NONE
        self.named, self.held = headers, NOTHING  # versions named as services know them
        asks_conditions = b"if-none-match" in told or b"if-match" in told
        if asks_conditions:
            self.named, self.held = bare(list(headers), self.wish)
            lines, _ = inward(self.named)
        self.is_keyed = b"idempotency-key" in told
        self.origins = told.get(b"origin", _NOTHING)  # from which page it comes
        # whether it says nothing that is of one request alone, so that it may be said again
        self.is_repeated = not (
            self.sent or wished or asks_conditions or self.is_keyed or self.has_body
        )
        self.lines = b"".join(lines)  # what the service is told of it
        self.is_readable = _is_text(self.lines)

    def _named_trace(self) -> trace.Trace | None:
        parent, state = (
            b",".join(self._told.get(name, _NOTHING)).decode("latin-1")
            for name in (b"traceparent", b"tracestate")
        )
        return trace.told(parent, state)

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks what it may ask, if the method is OPTIONS."""
        return b"access-control-request-method" in self._told and bool(self.origins)

    def whole(self) -> bytes:
        """What the service is told, but asking for the whole answer even if the caller holds it."""
        pairs = [pair for pair in self.named if pair[0] != b"if-none-match"]
        return b"".join(inward(pairs)[0])


def _is_text(lines: bytes) -> bool:
    if lines.isascii():
        return True
    try:
        lines.decode()
    except UnicodeDecodeError:
        return False
    return True
