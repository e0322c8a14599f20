"""Two closed network namespaces and a line between them that can be cut: no way leads elsewhere."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

_PLACES = "/usr/sbin:/sbin:/usr/bin:/bin"
_CLONE_NEWNET = 0x40000000
NEAR, FAR = "10.213.77.1", "10.213.77.2"


class NoNamespaces(Exception):
    """This machine does not let us make any; the message says why."""


@dataclass(frozen=True)
class Line:
    """From the namespace `near` to `far`."""

    near: str
    far: str

    def command(self, space: str, *words: str) -> list[str]:
        """What runs `words` inside one of them."""
        return [shutil.which("ip", path=_PLACES) or "ip", "netns", "exec", space, *words]

    def cut(self) -> None:
        """The cable is out."""
        _ip("-n", self.far, "link", "set", "line", "down")

    def heal(self) -> None:
        """It is in again."""
        _ip("-n", self.far, "link", "set", "line", "up")


@contextmanager
def inside(space: str) -> Iterator[None]:
    """This thread, and whatever it starts, lives in there meanwhile."""
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{space}", os.O_RDONLY)
    _enter(there)
    try:
        yield
    finally:
        _enter(before)
        os.close(before)
        os.close(there)


def _enter(space: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(space, _CLONE_NEWNET) != 0:
        raise NoNamespaces(f"setns: {os.strerror(ctypes.get_errno())}")


@contextmanager
def line() -> Iterator[Line]:
    """Make them, give them, take them away."""
    if os.geteuid() != 0 or shutil.which("ip", path=_PLACES) is None:
        raise NoNamespaces("it needs root and the program `ip` (Debian: iproute2)")
    name = uuid4().hex[:6]
    found = Line(f"mb-{name}-near", f"mb-{name}-far")
    try:
        _make(found)
        yield found
    finally:
        for space in (found.near, found.far):
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", space)


def _make(found: Line) -> None:
    try:
        for space in (found.near, found.far):
            _ip("netns", "add", space)
            _ip("-n", space, "link", "set", "lo", "up")
        _ip(
            *("-n", found.near, "link", "add", "line", "type", "veth"),
            *("peer", "name", "line", "netns", found.far),
        )
        for space, address in ((found.near, NEAR), (found.far, FAR)):
            _ip("-n", space, "address", "add", f"{address}/30", "dev", "line")
            _ip("-n", space, "link", "set", "line", "up")
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise NoNamespaces(f"`{' '.join(error.cmd)}` answers: {said}") from error


def _ip(*words: str) -> None:
    program = shutil.which("ip", path=_PLACES) or "ip"
    subprocess.run([program, *words], check=True, capture_output=True)
