"""Which requests the store may answer, and what their answers can depend on."""

from collections.abc import Iterable
from typing import NamedTuple

_LONGEST = 2_048
# Where anybody may read something. Whether an answer is for all, the service says; elsewhere
# nobody waits to hear that it is not.
_OPEN = frozenset(("code-lists", "cooperatives", "holidays", "statistics"))
# A token or a condition that the store does not understand leads to the service, always.
_ELSEWHERE = frozenset(
    b"authorization range if-range if-match if-modified-since if-unmodified-since expect upgrade"
    b" transfer-encoding pragma".split()
)
_OF_NOTHING = frozenset((b"", b"close", b"keep-alive"))
_READ = frozenset(b"accept accept-language cache-control content-length if-none-match".split())
# What `Vary` may name: what the key holds, what no such request brings (a token, a cookie, which
# never leaves the gateway), and what the gateway itself says and does on every answer.
TOLD_APART = frozenset(
    b"accept accept-language authorization cookie accept-encoding origin".split()
)


class Key(NamedTuple):
    """A question; whoever asks the same gets the same."""

    service: str
    target: bytes
    accept: bytes
    languages: bytes


class Question(NamedTuple):
    """A request that the store may answer."""

    key: Key
    known: bytes | None  # `If-None-Match`
    is_head: bool


def is_open(path: str) -> bool:
    """Whether some of what lies there is for all; `path` as the table of routes names it."""
    return path.split("/", 3)[2] in _OPEN


def question(
    method: str, service: str, target: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> Question | None:
    """What is asked; None if only the service may answer it."""
    if method not in ("GET", "HEAD"):
        return None
    told: dict[bytes, bytes] = {}
    for name, value in headers:
        # what `Connection` lists goes no further: its answer is not that of whoever sends the same
        if name in _ELSEWHERE or (name == b"connection" and value.lower() not in _OF_NOTHING):
            return None
        if name in _READ:
            told[name] = told[name] + b"," + value if name in told else value
    # `no-cache` and its like ask for what the service says now, and a body asks something else
    if told.get(b"content-length", b"0") != b"0" or b"cache-control" in told:
        return None
    key = Key(service, target, told.get(b"accept", b""), told.get(b"accept-language", b""))
    if sum(map(len, key[1:])) > _LONGEST:
        return None
    return Question(key, told.get(b"if-none-match"), method == "HEAD")
