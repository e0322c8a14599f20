"""Bodies far larger than anybody takes, and what they cost those who refuse them."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MEGABYTE = 1_048_576
_REFUSALS = (400, 401, 405, 413)


@dataclass(frozen=True)
class Body:
    """So much of nothing for an address."""

    path: str
    is_chunked: bool
    megabytes: int = 200

    def __str__(self) -> str:
        how = "chunked" if self.is_chunked else "announced"
        return f"{self.megabytes} MB {how} for {self.path}"

    def head(self) -> bytes:
        """The head of the request."""
        length = self.megabytes * _MEGABYTE
        how = "Transfer-Encoding: chunked" if self.is_chunked else f"Content-Length: {length}"
        kind = "application/json" if self.path.startswith("/v1") else _FORM
        return (
            f"POST {self.path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n{how}\r\n\r\n"
        ).encode()

    def piece(self) -> bytes:
        """One megabyte of the body."""
        content = b"x" * _MEGABYTE
        return b"%x\r\n%s\r\n" % (_MEGABYTE, content) if self.is_chunked else content


_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Growth:
    """The answer, and by how much the process that grew most has grown."""

    body: Body
    status: int
    process: str
    megabytes: int

    def __str__(self) -> str:
        return f"{self.status}, {self.process} + {self.megabytes} MB"

    @property
    def is_refused(self) -> bool:
        """Whether it was refused in an orderly way."""
        return self.status in _REFUSALS


def send_all(port: int, pids: dict[str, int], bodies: list[Body]) -> list[Growth]:
    """Send each to the gateway at `port`; what became of it."""
    return [_measured(port, pids, body) for body in bodies]


def _measured(port: int, pids: dict[str, int], body: Body) -> Growth:
    before = {name: _begin(pid) for name, pid in pids.items()}
    status = _status(port, body)
    grown = {name: _kilobytes(pid, "VmHWM") - before[name] for name, pid in pids.items()}
    process = max(grown, key=lambda name: grown[name])
    return Growth(body, status, process, grown[process] // 1024)


def _begin(pid: int) -> int:
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # forget the peak
    return _kilobytes(pid, "VmRSS")


def _kilobytes(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _status(port: int, body: Body) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.sendall(body.head())
        sender = threading.Thread(target=_send, args=[wire, body])
        sender.start()
        first = wire.recv(65_536)
        sender.join(60)
    return int(first.split(b" ", 2)[1])


def _send(wire: socket.socket, body: Body) -> None:
    with suppress(OSError):  # the other side has had enough
        for _ in range(body.megabytes):
            wire.sendall(body.piece())
        if body.is_chunked:
            wire.sendall(b"0\r\n\r\n")
