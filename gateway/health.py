"""Ready: our own database is migrated, an address of each service is ready, and we are not
leaving; asked at most each second."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import httpx
from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.health import told
from gateway.upstreams.balance import Health
from gateway.upstreams.checks import health_of

router = APIRouter(include_in_schema=False)
_FRESH_S = 1.0
Places = Callable[[], Mapping[str, Sequence[str]]]


class Readiness:
    """What is missing, remembered for a second, so that probes never add up to load."""

    def __init__(self, client: httpx.AsyncClient, places: Places) -> None:
        self._client = client
        self._places = places
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._missing: list[str] = []

    async def missing(self) -> list[str]:
        """The services of which no address is ready."""
        async with self._asking:
            if time.monotonic() - self._asked_at > _FRESH_S:
                places = self._places()
                ready = await asyncio.gather(*map(self._is_ready, places.values()))
                self._missing = [
                    name for name, is_it in zip(places, ready, strict=True) if not is_it
                ]
                self._asked_at = time.monotonic()
            return self._missing

    async def _is_ready(self, urls: Sequence[str]) -> bool:
        found = await asyncio.gather(*(health_of(self._client, url) for url in urls))
        return Health.READY in found


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when a request would be served by whoever it is for; 503 with who is missing."""
    state = request.app.state
    own = [name for name, check in state.checks.items() if not await check()]
    return told(state, [*own, *await state.readiness.missing()])
