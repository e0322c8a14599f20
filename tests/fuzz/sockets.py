"""Bytes that no client library sends, on connections of our own."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from select import select

_PATIENCE_S = 30.0


def exchange(port: int, sent: bytes) -> bytes:
    """All that comes back for exactly these bytes, until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as connection:
        with suppress(ConnectionError):  # whoever is refused early may not be listened to
            connection.sendall(sent)
        return b"".join(_received(connection))


def pour(port: int, head: bytes, piece: bytes, times: int) -> tuple[bytes, int]:
    """Send a head and then `piece` again and again until somebody objects; what was answered, and
    how many bytes went out."""
    gone = 0
    with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as connection:
        connection.sendall(head)
        with suppress(OSError):
            for _ in range(times):
                if not _is_poured(connection, piece):
                    break
                gone += len(piece)
        return next(_received(connection), b""), gone


def _is_poured(connection: socket.socket, piece: bytes) -> bool:
    """Whether all of it went out before the other side said anything, however slow that side is."""
    left = memoryview(piece)
    while left:
        said, takes, _ = select([connection], [connection], [], _PATIENCE_S)
        if said or not takes:
            return False
        left = left[connection.send(left) :]
    return True


def _received(connection: socket.socket) -> Iterator[bytes]:
    with suppress(OSError):
        while chunk := connection.recv(65_536):
            yield chunk


def status_of(answer: bytes) -> int:
    """The status of a raw answer; 0 when there is none."""
    words = answer.split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
