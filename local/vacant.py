"""Ports for who listens later, or again at the same one."""

import secrets
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000


def free_port() -> int:
    """A port that nobody uses, and that stays so until its process has started at last."""
    return vacant_ports(1)[0]


def vacant_ports(count: int) -> list[int]:
    """So many, no two alike. The system gives them to nobody who asks for just any, neither to a
    server nor to a caller. Drawn from the system's chance: whoever seeds `random` alike would be
    given the same ones."""
    numbers = range(_LOWEST, max(_first_given(), _LOWEST + 1000))
    found: list[int] = []
    with ExitStack() as stack:
        for number in secrets.SystemRandom().sample(numbers, len(numbers)):
            probe = stack.enter_context(socket.socket())
            with suppress(OSError):
                probe.bind(("127.0.0.1", number))
                found.append(number)
            if len(found) == count:
                break
    return found


def _first_given() -> int:
    try:
        return int(_GIVEN.read_text().split()[0])
    except (OSError, ValueError):
        return 32_768
