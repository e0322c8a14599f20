"""A closed-loop load generator of its own: epoll and plain sockets, 10 µs of its core a request,
so that what answers is measured and not what asks."""

import re
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil

_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *(\d+)")
_PLACE = re.compile(rb"\r\n[Ll]ocation: *([^\r]+)")
_HEAD_END = b"\r\n\r\n"
_PATIENCE_S = 30.0


class Broken(Exception):
    """The other side answered what no peer of this measurement may answer."""


@dataclass
class Tally:
    """What was answered, how fast, and what asking cost."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    octets: int = 0
    places: list[bytes] = field(default_factory=list)  # what `Location` said

    @property
    def answers(self) -> int:
        """How many."""
        return len(self.waits_s)

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds

    def wait_ms(self, share: float) -> float:
        """The wait that `share` of the answers did not exceed."""
        ranked = sorted(self.waits_s)
        return 1000 * ranked[max(ceil(share * len(ranked)) - 1, 0)]


class _Line:
    """One connection, with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = 0.0
        self._got = b""

    def ask(self, request: bytes) -> None:
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> bytes | None:
        """The answer if it is whole by now."""
        more = self.socket.recv(262_144)
        if not more:
            raise Broken("the connection was closed")
        self._got = got = self._got + more if self._got else more
        end = got.find(_HEAD_END)
        if end < 0:
            return None
        length = _LENGTH.search(got, 0, end + 2)
        if length is None:
            raise Broken(f"no Content-Length: {got[:200]!r}")
        if len(got) < end + 4 + int(length[1]):
            return None
        self._got = b""
        return got


def load(port: int, requests: Iterator[bytes], concurrency: int, seconds: float) -> Tally:
    """Ask `concurrency` at a time for so long; every answer that is no 2xx ends the measurement."""
    tally, poll = Tally(), select.epoll()
    lines = {line.socket.fileno(): line for line in (_Line(port) for _ in range(concurrency))}
    for number, line in lines.items():
        poll.register(number, select.EPOLLIN)
        line.ask(next(requests))
    cpu, began = time.process_time(), time.perf_counter()
    try:
        _turn(poll, lines, requests, tally=tally, until=began + seconds)
    finally:
        tally.cpu_s, tally.seconds = time.process_time() - cpu, time.perf_counter() - began
        poll.close()
        for line in lines.values():
            line.socket.close()
    return tally


def _turn(
    poll: select.epoll,
    lines: dict[int, _Line],
    requests: Iterator[bytes],
    *,
    tally: Tally,
    until: float,
) -> None:
    now = time.perf_counter()
    waiting = len(lines)
    while now < until and waiting:
        ready = poll.poll(_PATIENCE_S)
        if not ready:
            raise Broken(f"nothing was answered for {_PATIENCE_S:.0f} s")
        for number, _ in ready:
            line = lines[number]
            answer = line.take()
            if answer is None:
                continue
            now = time.perf_counter()
            tally.waits_s.append(now - line.asked_at)
            tally.octets += len(answer)
            status = int(answer[9:12])
            tally.statuses[status] += 1
            if not 200 <= status < 300:
                raise Broken(answer[:600].decode(errors="replace"))
            if status == 201 and (place := _PLACE.search(answer, 0, 2_000)):
                tally.places.append(place[1])
            request = next(requests, None)
            if request is None:
                waiting -= 1
            else:
                line.ask(request)


def get(path: str, headers: str = "") -> bytes:
    """A GET, as bytes."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n".encode()


def post(path: str, body: bytes, headers: str = "") -> bytes:
    """A POST of JSON, as bytes."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n{headers}\r\n".encode() + body
