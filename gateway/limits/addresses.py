"""From which address a request comes, as far as those in between can be believed."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_UNKNOWN = "unknown"
_LONGEST = 64
_OWNED_BITS = 64  # what a subscriber is given at the least: all of it is one caller


class Addresses:
    """Reads `X-Forwarded-For` only as far as trusted proxies have written it."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)

    def of(self, scope: Scope) -> str:
        """Whom to count: an IPv4 address or an IPv6 network of 64 bits."""
        peer = _read((scope.get("client") or (_UNKNOWN,))[0])
        if peer is None or not self._is_trusted(peer):
            return _counted(peer)
        return _counted(self._beyond(peer, _hops(scope)))

    def _beyond(self, peer: Address, hops: list[str]) -> Address:
        # from the nearest to the farthest; what stands behind something unreadable or behind a
        # stranger is what the stranger says
        for hop in reversed(hops):
            found = _read(hop)
            if found is None:
                return peer
            peer = found
            if not self._is_trusted(peer):
                return peer
        return peer

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _hops(scope: Scope) -> list[str]:
    sent = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [hop.strip() for hop in b",".join(sent).decode("latin-1").split(",")]


def _read(text: str) -> Address | None:
    return _parsed(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4_096)
def _parsed(text: str) -> Address | None:
    if text.startswith("["):  # [2001:db8::1]:4711
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # 192.0.2.1:4711
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _counted(address: Address | None) -> str:
    if address is None:
        return _UNKNOWN
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, _OWNED_BITS), strict=False))
