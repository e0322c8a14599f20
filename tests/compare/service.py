"""The service behind: keeps every byte it is asked with, and answers what the shape says."""

import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from time import sleep

from tests.compare.shape import PLAIN, Act, answer

PROBE = b"/v1/cooperatives/probe"
_LOOK = b" /health/"  # the gateway looks by itself whether anybody is there
PROBED = answer("Content-Length: 5", body=b"probe")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:.*chunked", re.IGNORECASE | re.MULTILINE)
_PAUSE_S = 0.02


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    line: bytes
    headers: list[tuple[bytes, bytes]]  # names as they were spelt
    framing: str
    body: bytes


class Service:
    """Listens on a port of its own until it is closed."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.act = Act()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def begin(self, act: Act) -> None:
        """From now on answer so, and remember afresh."""
        self.act, self.seen = act, []

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                wire, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[wire], daemon=True).start()

    def _serve(self, wire: socket.socket) -> None:
        with wire, suppress(OSError, EOFError):
            reader = Reader(wire)
            while self._one(wire, reader):
                pass

    def _one(self, wire: socket.socket, reader: "Reader") -> bool:
        head = reader.until(b"\r\n\r\n")
        line = head.partition(b"\r\n")[0]
        if PROBE in line or _LOOK in line:
            wire.sendall(PROBED)
            return True
        act, seen = self.act, self.seen
        if not act.is_early:
            seen.append(_seen(head, *body_of(head, reader)))
        else:
            seen.append(_seen(head, "not read", b""))
        is_bare = act.pieces == (PLAIN,) and line.startswith(b"HEAD ")
        for piece in (PLAIN[:-2],) if is_bare else act.pieces:
            wire.sendall(piece)
            sleep(_PAUSE_S if len(act.pieces) > 1 else 0)
        if act.is_early:  # as one does who wants the answer to arrive: no close on unread bytes
            wire.shutdown(socket.SHUT_WR)
            reader.rest()
        return not act.closes


class Reader:
    """Bytes of a connection, as many as are asked for; `EOFError` when there are no more."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self.held = b""

    def until(self, mark: bytes) -> bytes:
        """Everything before `mark`, which is taken too."""
        while mark not in self.held:
            self._more()
        found, _, self.held = self.held.partition(mark)
        return found

    def exactly(self, count: int) -> bytes:
        """So many."""
        while len(self.held) < count:
            self._more()
        found, self.held = self.held[:count], self.held[count:]
        return found

    def rest(self) -> bytes:
        """Everything until the other side ends."""
        with suppress(EOFError):
            while True:
                self._more()
        found, self.held = self.held, b""
        return found

    def _more(self) -> None:
        more = self._wire.recv(262_144)
        if not more:
            raise EOFError
        self.held += more


def body_of(head: bytes, reader: Reader) -> tuple[str, bytes]:
    """How a body is framed, and the body; trailers stand behind it."""
    if _CHUNKED.search(head):
        return "chunks", chunks(reader)
    if length := _LENGTH.search(head.replace(b"\r\n", b"\n")):
        return "length", reader.exactly(int(length[1]))
    return "none", b""


def chunks(reader: Reader) -> bytes:
    """A body in chunks, read to its end."""
    body, size = b"", -1
    while size:
        size = int(reader.until(b"\r\n").partition(b";")[0], 16)
        body += reader.exactly(size)
        if size:
            reader.exactly(2)
    trailers = []
    while line := reader.until(b"\r\n"):
        trailers.append(line)
    return body + b"".join(b"<trailer %b>" % one for one in trailers)


def fields(head: bytes) -> list[tuple[bytes, bytes]]:
    """The lines of a head after the first one."""
    pairs = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    return [(name, value.strip(b" \t")) for name, _, value in pairs]


def _seen(head: bytes, framing: str, body: bytes) -> Seen:
    return Seen(head.partition(b"\r\n")[0], fields(head), framing, body)
