"""Calls between processes: one client, short time-outs, and the keys that others publish."""

import time
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport

from chassis.jose import LocalKeys

_REFETCH_S = 30.0
_RETRY_S = 1.0
_FRESH_S = 300.0


def create_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """An HTTP client for calls to peers; `transport` lets tests join processes in memory."""
    return httpx.AsyncClient(
        transport=transport or AiohttpTransport(),
        timeout=httpx.Timeout(5.0, connect=2.0),
        follow_redirects=False,
    )


class RemoteKeys:
    """The JWKS of a peer, fetched when first needed, again every 5 minutes.

    An unknown `kid` triggers at most one fetch in 30 s, so that forged ids cannot make us hammer
    the peer; a failed fetch is retried after a second.
    """

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url
        self._keys = LocalKeys([])
        self._tried_at = self._fetched_at = float("-inf")

    async def find(self, kid: str) -> Any:
        """The key, or None when the peer does not publish it (or does not answer)."""
        if time.monotonic() - self._fetched_at > _FRESH_S:
            await self._fetch(_RETRY_S)
        found = await self._keys.find(kid)
        if found is None:
            await self._fetch(_REFETCH_S if self._fetched_at > 0 else _RETRY_S)
            found = await self._keys.find(kid)
        return found

    async def _fetch(self, not_within_s: float) -> None:
        now = time.monotonic()
        if now - self._tried_at < not_within_s:
            return
        self._tried_at = now
        try:
            answer = await self._client.get(self._url)
            answer.raise_for_status()
            keys: list[dict[str, Any]] = answer.json()["keys"]
        except (httpx.HTTPError, ValueError, KeyError):
            return
        self._keys, self._fetched_at = LocalKeys(keys), now
