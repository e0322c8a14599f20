"""A request for a service, as it was read from its connection."""

from typing import Final

from chassis import trace
from chassis.errors import BodyTooLarge, MalformedRequest, MethodNotAllowed
from gateway.coding.coder import Coder
from gateway.plane.headers import Headers
from gateway.plane.said import Said
from gateway.routes_table import Way

_METHODS = "DELETE, GET, HEAD, PATCH, POST, PUT"  # which of them, its service says
_WITH_BODY: Final = frozenset((b"POST", b"PUT", b"PATCH"))
_CACHE_CONTROL: Final = b"cache-control"
_VERBS: Final = {verb: verb.decode() for verb in b"GET HEAD POST PUT PATCH DELETE OPTIONS".split()}


class Question:
    """What is asked, of which service, and what goes there."""

    __slots__ = ("_is_whole", "_state", "method", "request_id", "said", "target", "trace_id",
                 "verb", "way")  # fmt: skip

    def __init__(self, verb: bytes, target: bytes, said: Said, way: Way) -> None:
        self.verb, self.target, self.said, self.way = verb, target, said, way
        self.method = _VERBS.get(verb) or verb.decode("ascii")
        self._state, self._is_whole = "", False
        # one id for both, unless the caller has a name or a trace of its own
        self.trace_id = trace.new_hex()
        self.request_id = said.named_id or self.trace_id.encode()

    def follow(self) -> None:
        """Go on in the trace that the caller named, now that we know the caller."""
        sent = self.said.sent
        if sent is not None:
            self.trace_id, self._state = sent.id, sent.state

    @property
    def linked(self) -> str | None:
        """The trace that a stranger said this belongs to."""
        sent = self.said.sent
        return sent.id if sent is not None and sent.id != self.trace_id else None

    def coder(self, status: int, headers: Headers) -> Coder | None:
        """What codes the answer; None where nothing of it changes."""
        said = self.said
        if not (said.held or said.wish.envelope or _is_public(headers)):
            return None
        return Coder(said.wish, status, [(n.lower(), value) for n, value in headers], said.held)

    def ask_whole(self) -> None:
        """Ask for it even if the caller holds it: others may not."""
        self._is_whole = True

    def check(self, most: int) -> None:
        """Refuse what no service may be sent."""
        if self.verb == b"TRACE":  # RFC 9110 §9.3.8: it would show callers what we tell services
            raise MethodNotAllowed(headers={"Allow": _METHODS})
        length = self.said.length
        if length is not None and length > most:
            raise BodyTooLarge()
        if not self.said.is_readable:  # those behind would read it differently
            raise MalformedRequest()

    def head(self, authority: bytes, letter: bytes | None, patience: bytes) -> bytes:
        """The head as one address of the service is sent it."""
        said = self.said
        parts = [
            self.verb, b" ", self.target, b" HTTP/1.1\r\nhost: ", authority, b"\r\n",
            said.whole() if self._is_whole else said.lines,
            b"x-request-id: ", self.request_id, b"\r\nx-request-deadline-ms: ", patience,
            b"\r\ntraceparent: 00-", self.trace_id.encode(), b"-", trace.new_span(), b"-01\r\n",
        ]  # fmt: skip
        if self._state:
            parts += (b"tracestate: ", self._state.encode("latin-1"), b"\r\n")
        if letter is not None:
            parts += (b"authorization: Bearer ", letter, b"\r\n")
        if said.is_chunked:
            parts.append(b"transfer-encoding: chunked\r\n")
        elif said.length is not None or self.verb in _WITH_BODY:
            parts.append(b"content-length: %d\r\n" % (said.length or 0))
        parts.append(b"\r\n")
        return b"".join(parts)


def _is_public(headers: Headers) -> bool:
    for name, value in headers:  # every answer pays for this
        if len(name) == len(_CACHE_CONTROL) and name.lower() == _CACHE_CONTROL:
            return b"public" in value.lower()
    return False
