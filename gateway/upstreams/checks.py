"""Looks at every address of every service twice a second, whether or not anybody asks it."""

import asyncio
import time
from typing import Any

import httpx

from chassis.timers import Timer
from gateway.settings import GatewaySettings
from gateway.upstreams.balance import Address, Health
from gateway.upstreams.routing import Routing

_PATIENCE_S = 1.0


def timers(settings: GatewaySettings) -> list[Timer]:
    """What keeps looking; nothing where it was told not to."""
    every_s = settings.upstream_check_s
    return [Timer("check_upstreams", every_s, check, is_own=True)] if every_s else []


async def check(app: Any) -> int:
    """Look once."""
    routing: Routing = app.state.routing
    client: httpx.AsyncClient = app.state.http
    addresses = [a for upstream in routing.upstreams.values() for a in upstream.addresses]
    await asyncio.gather(*(_look(client, address) for address in addresses))
    return 0


async def _look(client: httpx.AsyncClient, address: Address) -> None:
    began_at = time.monotonic()
    address.checked(await health_of(client, address.url), began_at)


async def health_of(client: httpx.AsyncClient, url: str) -> Health:
    """What a process says of itself within a second."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            answer = await client.get(f"{url}/health/ready")
    except (httpx.HTTPError, TimeoutError):
        return Health.AWAY
    return Health.READY if answer.status_code == 200 else Health.NOT_READY
