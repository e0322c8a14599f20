"""Ready: our own database is migrated and all three services are; asked at most each second."""

import asyncio
import time

import httpx
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.settings import SERVICES

router = APIRouter(include_in_schema=False)
_FRESH_S = 1.0
_PATIENCE_S = 1.0


class Readiness:
    """What is missing, remembered for a second, so that probes never add up to load."""

    def __init__(self, client: httpx.AsyncClient, peers: dict[str, str]) -> None:
        self._client = client
        self._peers = {name: peers[name] for name in SERVICES}
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._missing: list[str] = []

    async def missing(self) -> list[str]:
        """The services that are not ready."""
        async with self._asking:
            if time.monotonic() - self._asked_at > _FRESH_S:
                ready = await asyncio.gather(*map(self._is_ready, self._peers.values()))
                pairs = zip(self._peers, ready, strict=True)
                self._missing = [name for name, is_ready in pairs if not is_ready]
                self._asked_at = time.monotonic()
            return self._missing

    async def _is_ready(self, url: str) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answer = await self._client.get(f"{url}/health/ready")
        except (httpx.HTTPError, TimeoutError):
            return False
        return answer.status_code == 200


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when a request would be served by whoever it is for; 503 with who is missing."""
    state = request.app.state
    own = [name for name, check in state.checks.items() if not await check()]
    missing = [*own, *await state.readiness.missing()]
    body = {"status": "ok" if not missing else "unavailable", "missing": missing}
    return JSONResponse(body, 200 if not missing else 503, {"Cache-Control": "no-store"})
