"""Ports for who listens later, or again at the same one."""

import secrets
import socket
from contextlib import suppress
from pathlib import Path

_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")
_MOST_TRIES = 200


def free_port() -> int:
    """A port that nobody uses. The system gives it to nobody who asks for just any, neither to a
    server nor to a caller, so that it is still free when its process has started at last."""
    first = _first_given()
    lowest = max(first - 16_000, 10_000)
    for _ in range(_MOST_TRIES if lowest < first else 0):
        port = lowest + secrets.randbelow(first - lowest)
        with suppress(OSError):
            return _bound(port)
    return _bound(0)


def _first_given() -> int:
    try:
        return int(_GIVEN.read_text().split()[0])
    except (OSError, ValueError):
        return 32_768


def _bound(port: int) -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", port))
        given: int = found.getsockname()[1]
        return given
