"""Whether the line to a peer is cut, by what the kernel knows: who is slow acknowledges what it is
sent, and who is at the other end of a cut line does not."""

import socket
import sys
from typing import Any

_RETRANSMITS, _PROBES = 2, 3  # where they stand in Linux's `struct tcp_info`
_ACKNOWLEDGED = slice(120, 128)
# Sent again after 0.2, 0.4 and 0.8 s, and still nothing: it was lost or never arrived.
_MOST_RETRANSMITS = 3
# A whole second after the first question whether anybody is there.
_MOST_PROBES = 2


def keep_asking(transport: Any) -> None:
    """Let the kernel ask each second whether the peer is there, while it has nothing to say."""
    found = transport.get_extra_info("socket")
    if found is None or found.family not in (socket.AF_INET, socket.AF_INET6):
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 1), ("TCP_KEEPINTVL", 1), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            found.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def is_cut(transport: Any) -> bool:
    """Whether nothing has been acknowledged for so long that nobody can be there."""
    told = _told(transport, 8)
    if not told:
        return False
    return bool(told[_RETRANSMITS] >= _MOST_RETRANSMITS or told[_PROBES] >= _MOST_PROBES)


def taken(transport: Any) -> int:
    """How many bytes the peer has acknowledged, ever; 0 if that cannot be known."""
    return int.from_bytes(_told(transport, _ACKNOWLEDGED.stop)[_ACKNOWLEDGED], sys.byteorder)


def _told(transport: Any, size: int) -> bytes:
    found = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_INFO", None)
    if found is None or option is None or found.family not in (socket.AF_INET, socket.AF_INET6):
        return b""
    try:
        told: bytes = found.getsockopt(socket.IPPROTO_TCP, option, size)
    except OSError:  # it is closed
        return b""
    return told
