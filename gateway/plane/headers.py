"""What passes from one side to the other, and what stays."""

from collections.abc import Iterable, Sequence

Headers = Sequence[tuple[bytes, bytes]]

# RFC 9110 §7.6.1: these speak of one connection only.
_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer"
    b" transfer-encoding upgrade".split()
)
# What callers must not say of themselves, and what the next connection says anew.
_OURS = frozenset(
    b"authorization cookie expect forwarded host traceparent tracestate via x-real-ip"
    b" x-request-deadline-ms x-request-id".split()
)
_IDENTITY = (b"x-internal-", b"x-forwarded-")
# Who may read an answer in a browser, and what remains to be asked, is said by us alone.
_SAID_HERE = (b"access-control-", b"ratelimit")
_SERVERS = frozenset(b"date server".split())  # the server in front of us says them itself


def _named(headers: Headers, name: bytes) -> list[bytes]:
    return [value for key, value in headers if key == name]


def _listed(headers: Headers) -> set[bytes]:
    values = b",".join(_named(headers, b"connection"))
    return {token.strip().lower() for token in values.split(b",")}


def inward(headers: Headers, added: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a request as the service sees them; names are in lower case (ASGI)."""
    dropped = _HOP | _OURS | _listed(headers)
    kept = [
        (name, value)
        for name, value in headers
        if name not in dropped and not name.startswith(_IDENTITY)
    ]
    return [*kept, *added]


def outward(headers: Headers, status: int) -> list[tuple[bytes, bytes]]:
    """The headers of an answer as the caller sees them; 204 and 304 announce no body."""
    lowered = [(name.lower(), value) for name, value in headers]
    dropped = _HOP | _SERVERS | _listed(lowered)
    if status in (204, 304):
        dropped |= {b"content-length"}
    return [
        (name, value)
        for name, value in lowered
        if name not in dropped and not name.startswith((*_IDENTITY, *_SAID_HERE))
    ]


def has_body(headers: Headers) -> bool:
    """Whether a request announces a body."""
    lengths = _named(headers, b"content-length")
    return lengths not in ([], [b"0"]) or bool(_named(headers, b"transfer-encoding"))


def announced(headers: Headers) -> int:
    """The length that a request announces; 0 when it does not."""
    return max((int(v) for v in _named(headers, b"content-length") if v.isdigit()), default=0)


def bearer(headers: Headers) -> str | None:
    """The token of a request; None without `Authorization`, empty for anything but one Bearer."""
    sent = _named(headers, b"authorization")
    if not sent:
        return None
    scheme, _, token = sent[0].decode("latin-1").partition(" ")
    return token.strip() if len(sent) == 1 and scheme.lower() == "bearer" else ""
