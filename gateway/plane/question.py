"""A request for a service, as it was read from its connection."""

from collections.abc import Sequence

from chassis import trace
from chassis.edge import request_id
from chassis.errors import BodyTooLarge, MalformedRequest, MethodNotAllowed
from gateway.coding.coder import Coder
from gateway.coding.tags import NOTHING, bare
from gateway.coding.wishes import NONE, wish_of
from gateway.plane.headers import Headers, inward, token_in
from gateway.routes_table import Way
from gateway.upstreams.budget import Asked

_METHODS = "DELETE, GET, HEAD, PATCH, POST, PUT"  # which of them, its service says
_WITH_BODY = frozenset((b"POST", b"PUT", b"PATCH"))
_NOTHING: Sequence[bytes] = ()
_CACHE_CONTROL = b"cache-control"


class Question:
    """What is asked, of which service, and what goes there. `is_old`: by HTTP/1.0."""

    __slots__ = ("_lines", "_sent", "_told", "_trace", "has_body", "headers", "held", "is_chunked",
                 "is_old", "length", "method", "named", "query", "request_id", "target", "token",
                 "trace_id", "verb", "way", "wish")  # fmt: skip

    def __init__(
        self, verb: bytes, target: bytes, headers: Headers, way: Way, *, is_old: bool
    ) -> None:
        self.verb, self.method = verb, verb.decode("ascii")
        self.target, self.headers, self.way, self.is_old = target, headers, way, is_old
        self.query = target.partition(b"?")[2]
        self._lines, told = inward(headers)
        self._told = told
        self.token = token_in(told.get(b"authorization", _NOTHING))
        self._sent = self._named_trace() if b"traceparent" in told else None
        self._trace, self.trace_id = trace.Trace(""), trace.new_hex()
        wished_id = told.get(b"x-request-id")
        self.request_id = request_id(wished_id[0].decode("latin-1") if wished_id else "").encode()
        length = told.get(b"content-length")
        self.length = int(length[0]) if length else None
        self.is_chunked = b"transfer-encoding" in told
        self.has_body = self.is_chunked or bool(self.length)
        # a body of unknown length has no end for HTTP/1.0
        self.wish = wish_of(headers) if b"accept-encoding" in told and not is_old else NONE
        self.named, self.held = headers, NOTHING  # versions named as services know them
        if b"if-none-match" in told or b"if-match" in told:
            self.named, self.held = bare(list(headers), self.wish)
            self._lines, _ = inward(self.named)

    def _named_trace(self) -> trace.Trace | None:
        parent, state = (
            b",".join(self._told.get(name, _NOTHING)).decode("latin-1")
            for name in (b"traceparent", b"tracestate")
        )
        return trace.told(parent, state)

    def follow(self) -> None:
        """Go on in the trace that the caller named, now that we know the caller."""
        if self._sent is not None:
            self._trace, self.trace_id = self._sent, self._sent.id

    @property
    def linked(self) -> dict[str, str]:
        """The trace that a stranger said this belongs to."""
        is_other = self._sent is not None and self._sent.id != self.trace_id
        return {"linked": self._sent.id} if is_other and self._sent else {}

    @property
    def origins(self) -> Sequence[bytes]:
        """From which page it comes."""
        return self._told.get(b"origin", _NOTHING)

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks what it may ask."""
        asks = b"access-control-request-method" in self._told
        return asks and self.verb == b"OPTIONS" and bool(self.origins)

    def asked(self, *, is_held: bool) -> Asked:
        """What a repetition depends on."""
        return Asked(self.method, b"idempotency-key" in self._told, is_held)

    def coder(self, status: int, headers: Headers) -> Coder | None:
        """What codes the answer; None where nothing of it changes."""
        if not (self.held or self.wish.envelope or _is_public(headers)):
            return None
        return Coder(self.wish, status, [(n.lower(), value) for n, value in headers], self.held)

    def ask_whole(self) -> None:
        """Ask for it even if the caller holds it: others may not."""
        if b"if-none-match" in self._told:
            whole = [pair for pair in self.named if pair[0] != b"if-none-match"]
            self._lines, _ = inward(whole)

    def check(self, most: int) -> None:
        """Refuse what no service may be sent."""
        if self.verb == b"TRACE":  # RFC 9110 §9.3.8: it would show callers what we tell services
            raise MethodNotAllowed(headers={"Allow": _METHODS})
        if self.length is not None and self.length > most:
            raise BodyTooLarge()
        # bytes in no known alphabet would be read differently by those behind
        lines = b"".join(self._lines)
        if not lines.isascii():
            try:
                lines.decode()
            except UnicodeDecodeError as error:
                raise MalformedRequest() from error

    def head(self, authority: bytes, letter: bytes | None, patience: bytes) -> bytes:
        """The head as one address of the service is sent it."""
        parts = [self.verb, b" ", self.target, b" HTTP/1.1\r\nhost: ", authority, b"\r\n"]
        parts += self._lines
        span = trace.new_hex()[:16]
        parts += (b"x-request-id: ", self.request_id, b"\r\ntraceparent: 00-",
                  f"{self.trace_id}-{span}".encode(), b"-01\r\nx-request-deadline-ms: ", patience,
                  b"\r\n")  # fmt: skip
        if self._trace.state:
            parts += (b"tracestate: ", self._trace.state.encode("latin-1"), b"\r\n")
        if letter is not None:
            parts += (b"authorization: Bearer ", letter, b"\r\n")
        if self.is_chunked:
            parts.append(b"transfer-encoding: chunked\r\n")
        elif self.length is not None or self.verb in _WITH_BODY:
            parts.append(b"content-length: %d\r\n" % (self.length or 0))
        parts.append(b"\r\n")
        return b"".join(parts)


def _is_public(headers: Headers) -> bool:
    for name, value in headers:  # every answer pays for this
        if len(name) == len(_CACHE_CONTROL) and name.lower() == _CACHE_CONTROL:
            return b"public" in value.lower()
    return False
