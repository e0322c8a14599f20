"""What passes from one side to the other, and what stays; as the bytes that are written.

Every request pays for this: what becomes of a name is looked up, not worked out again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from chassis.edge import NOSNIFF

Headers = Sequence[tuple[bytes, bytes]]

# RFC 9110 §7.6.1: these speak of one connection only.
_HOP: Final = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer"
    b" transfer-encoding upgrade".split()
)
# What callers must not say of themselves, and what the next connection says anew.
_OURS = frozenset(
    b"authorization content-length cookie expect forwarded host traceparent tracestate via"
    b" x-real-ip x-request-deadline-ms x-request-id".split()
)
_IDENTITY = (b"x-internal-", b"x-forwarded-")
# Who may read an answer in a browser, and what remains to be asked, is said by us alone.
_SAID_HERE = (b"access-control-", b"ratelimit")
# The server in front of us says them itself, and so does every answer of ours.
_SERVERS = frozenset((b"date", b"server", b"x-request-id", NOSNIFF[0]))
_READ = frozenset(
    b"accept-encoding access-control-request-method authorization connection content-length"
    b" idempotency-key if-match if-none-match origin traceparent tracestate transfer-encoding"
    b" x-request-id".split()
)
_HARMLESS: Final = frozenset((b"", b"close", b"keep-alive"))
_PLAIN: Final = frozenset((b"close", b"keep-alive"))
_KEEP, _TELL, _DROP = 1, 2, 4
_MOST_KNOWN, _LONGEST_KNOWN = 2_000, 64
_fates: Final[dict[bytes, int]] = {}
_Told = Mapping[bytes, list[bytes]]


def named(headers: Headers, name: bytes) -> list[bytes]:
    """The values of one header."""
    return [value for key, value in headers if key == name]


def _listed(values: Iterable[bytes]) -> set[bytes]:
    return {token.strip().lower() for token in b",".join(values).split(b",")} - _HARMLESS


def inward(headers: Headers) -> tuple[list[bytes], _Told]:
    """The lines of a request that its service sees, in pieces, and what we read in it ourselves.
    Names are in lower case."""
    lines: list[bytes] = []
    told: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        fate = _fates.get(name) or _fate(name)
        if fate & _KEEP:
            lines += (name, b": ", value, b"\r\n")
        if fate & _TELL:
            told.setdefault(name, []).append(value)
    if b"connection" in told and (listed := _listed(told[b"connection"])):
        lines, _ = inward([pair for pair in headers if pair[0] not in listed | _HOP])
        if b"idempotency-key" in listed:  # without it the service does twice what it is asked twice
            told.pop(b"idempotency-key", None)
    return lines, told


def _fate(name: bytes) -> int:
    is_kept = not (name in _HOP or name in _OURS or name.startswith(_IDENTITY))
    fate = (_KEEP if is_kept else _DROP) | (_TELL if name in _READ else 0)
    if len(_fates) < _MOST_KNOWN and len(name) <= _LONGEST_KNOWN:
        _fates[name] = fate
    return fate


class Outward:
    """The lines of an answer that its caller sees. `protection`: what every answer says unless it
    says something else."""

    LENGTH: ClassVar[int] = 1  # a bit of `said`: the answer says how long it is

    def __init__(self, protection: Headers) -> None:
        self._protection = protection
        self._bits = {name: 2 << n for n, (name, _) in enumerate(protection)}
        self._known: dict[bytes, tuple[bytes, int]] = {}
        self._missing: dict[int, bytes] = {}

    def lines(self, headers: Headers, status: int) -> tuple[list[bytes], int]:
        """The lines in pieces, and in bits what they say; 204 and 304 announce no body."""
        lines: list[bytes] = []
        said = 0
        connection: list[bytes] = []
        for name, value in headers:
            start, kind = self._known.get(name) or self._learn(name)
            if kind >= 0:
                said |= kind
                lines += (start, value, b"\r\n")
            elif start and value not in _PLAIN:
                connection.append(value)
        dropped = _listed(connection) if connection else set()
        if said & self.LENGTH and status in (204, 304):
            dropped.add(b"content-length")
        if dropped:
            kept = [pair for pair in headers if pair[0].lower() not in dropped | _HOP]
            return self.lines(kept, status)
        return lines, said

    def pairs(self, headers: Headers, status: int) -> list[tuple[bytes, bytes]]:
        """The same as pairs, with names in lower case."""
        lines, _ = self.lines(headers, status)
        return [(lines[n][:-2], lines[n + 1]) for n in range(0, len(lines), 3)]

    def missing(self, said: int) -> bytes:
        """The lines of protection that an answer which says that much lacks."""
        found = self._missing.get(said)
        if found is None:
            pairs = [pair for pair in self._protection if not said & self._bits[pair[0]]]
            found = b"".join(b"%b: %b\r\n" % pair for pair in (NOSNIFF, *pairs))
            self._missing[said] = found
        return found

    def _learn(self, written: bytes) -> tuple[bytes, int]:
        # kind: bits, or negative for what is dropped; a start marks what lists others to drop
        name = written.lower()
        is_dropped = name in _HOP or name in _SERVERS
        if is_dropped or name.startswith((*_IDENTITY, *_SAID_HERE)):
            learnt = (b"connection" if name == b"connection" else b"", -1)
        else:
            bit = self.LENGTH if name == b"content-length" else self._bits.get(name, 0)
            learnt = (name + b": ", bit)
        if len(self._known) < _MOST_KNOWN and len(written) <= _LONGEST_KNOWN:
            self._known[written] = learnt
        return learnt


def bearer(headers: Headers) -> str | None:
    """The token of a request; None without `Authorization`, empty for anything but one Bearer."""
    return token_in(named(headers, b"authorization"))


def token_in(sent: Sequence[bytes]) -> str | None:
    """The same from the values of `Authorization`."""
    if not sent:
        return None
    scheme, _, token = sent[0].decode("latin-1").partition(" ")
    return token.strip() if len(sent) == 1 and scheme.lower() == "bearer" else ""
