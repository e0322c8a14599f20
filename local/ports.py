"""The addresses of the town, checked before anything starts."""

import errno
import os
import socket
from collections.abc import Iterable

from local.errors import CannotRun
from local.health import HOST
from local.members import Member


def choose_ports(members: Iterable[Member]) -> dict[str, int]:
    """Name -> port, from `REGISTRY_PORT` and so on, else the usual ones; no two alike."""
    ports: dict[str, int] = {}
    for member in members:
        port = _port(member)
        if port in ports.values():
            raise CannotRun(f"{member.variable('PORT')}={port} is the port of another process too.")
        ports[member.name] = port
    return ports


def _port(member: Member) -> int:
    written = os.environ.get(member.variable("PORT")) or str(member.port)
    if not written.isdecimal() or not 1 <= int(written) <= 65_535:
        raise CannotRun(f"{member.variable('PORT')}={written} is not a port (1 to 65535).")
    return int(written)


def require_free(members: Iterable[Member], ports: dict[str, int]) -> None:
    """Raise `CannotRun` naming the first port that somebody else holds."""
    for member in members:
        _require_free(member, ports[member.name])


def _require_free(member: Member, port: int) -> None:
    variable = member.variable("PORT")
    with socket.socket() as probe:
        # As the server will: connections that linger from an earlier run are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "in use" if error.errno == errno.EADDRINUSE else f"refused ({error.strerror})"
            raise CannotRun(
                f"Port {port}, for {member.name}, is {why}: stop what holds it, or choose another "
                f"with {variable}, for example {variable}={_another(port)} make run."
            ) from error


def _another(port: int) -> int:
    return port + 100 if port <= 65_435 else port - 100
