"""Calls to addresses that others have named: never to anything inside.

A name is resolved once and the connection goes to what was checked, so that a name whose answer
changes meanwhile leads nowhere else; redirects are not followed.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

_MOST_BYTES = 65_536
_WAIT_S = 5.0


class Unreachable(Exception):
    """There is no answer that we would read; the message is a code, never what the other said."""


def is_outside(host: str) -> bool:
    """Whether an IP address is one of the public internet."""
    found = ipaddress.ip_address(host)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    is_relay = isinstance(found, ipaddress.IPv6Address) and _relays(found)
    return found.is_global and not found.is_multicast and not is_relay


def _relays(address: ipaddress.IPv6Address) -> bool:
    # addresses that carry an IPv4 address on to somewhere: 6to4, Teredo, NAT64
    return bool(
        address.sixtofour or address.teredo or address in ipaddress.ip_network("64:ff9b::/96")
    )


class _Checked(AbstractResolver):
    def __init__(self, *, is_trial: bool) -> None:
        self._found = DefaultResolver()
        self._is_trial = is_trial

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        rows = await self._found.resolve(host, port, family)
        if not all(self._is_trial or is_outside(row["host"]) for row in rows):
            raise OSError("inside")
        return rows

    async def close(self) -> None:
        await self._found.close()


class Outward:
    """Reads small documents from elsewhere. In a trial on one machine, also from that machine."""

    def __init__(self, *, is_trial: bool) -> None:
        self._is_trial = is_trial

    async def get(self, url: str) -> bytes:
        """What stands there; raises `Unreachable`."""
        self._check(url)
        timeout = aiohttp.ClientTimeout(total=_WAIT_S)
        connector = aiohttp.TCPConnector(
            resolver=_Checked(is_trial=self._is_trial), use_dns_cache=False
        )
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                return await self._read(answer)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unreachable("UNREACHABLE") from error

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not self._is_trial:
            raise Unreachable("NOT_HTTPS")
        try:
            is_inside = not is_outside(parts.hostname or "")
        except ValueError:
            return  # a name: looked at when it is resolved
        if is_inside and not self._is_trial:
            raise Unreachable("INSIDE")

    async def _read(self, answer: Any) -> bytes:
        if answer.status != 200:
            raise Unreachable("UNREACHABLE")
        content: bytes = await answer.content.read(_MOST_BYTES + 1)
        while len(content) <= _MOST_BYTES and (more := await answer.content.read(_MOST_BYTES)):
            content += more
        if len(content) > _MOST_BYTES:
            raise Unreachable("TOO_LARGE")
        return content
