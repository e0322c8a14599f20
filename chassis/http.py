"""Calls between processes: one client, short time-outs, and the keys that others publish."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import httpx

from chassis.jose import LocalKeys, TokenRefused, construct
from chassis.transport import FastTransport

_REFETCH_S = 30.0
_RETRY_S = 1.0
_FRESH_S = 300.0


def create_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """An HTTP client for calls to peers; `transport` lets tests join processes in memory."""
    return httpx.AsyncClient(
        transport=transport or FastTransport(),
        timeout=httpx.Timeout(5.0, connect=2.0),
        follow_redirects=False,
    )


class Addresses:
    """Where a peer listens: who was reached last is asked first. Who cannot be reached is passed
    over at once; who takes a request and says nothing may be doing it, and is asked last when it is
    asked again."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = deque(urls)

    async def ask(self, act: Callable[[str], Awaitable[httpx.Response]]) -> httpx.Response:
        """What the first address that can be reached answers to `act`."""
        for left in reversed(range(len(self._urls))):
            try:
                answer = await act(self._urls[0])
            except httpx.TransportError as error:
                self._urls.rotate(-1)
                is_unreached = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if not (left and is_unreached):
                    raise
            else:
                if answer.status_code >= 500:
                    self._urls.rotate(-1)
                return answer
        raise httpx.ConnectError("no address")


class RemoteKeys:
    """The JWKS of a peer, fetched when first needed, again every 5 minutes.

    An unknown `kid` triggers at most one fetch in 30 s, so that forged ids cannot make us hammer
    the peer; what is fetched for its age does not count, so that a key that changed right after it
    is found at once. A failed fetch is retried after a second. Who asks for an unknown key while a
    fetch is under way waits for it: a cold start under load must not refuse good tokens.
    """

    def __init__(self, client: httpx.AsyncClient, *urls: str) -> None:
        self._client = client
        self._addresses = Addresses(urls)
        self._keys = LocalKeys([])
        self._fetching = asyncio.Lock()
        self._tried_at = self._fetched_at = self._search_from = float("-inf")

    async def find(self, kid: str) -> Any:
        """The key, or None when the peer does not publish it (or does not answer)."""
        found, tried_at = await self._keys.find(kid), self._tried_at
        if self._is_stale() and not (found and self._fetching.locked()):
            await self._refresh()
            found = await self._keys.find(kid)
        if found is None and self._fetched_at > 0 and self._tried_at == tried_at:
            await self._search(kid)
            found = await self._keys.find(kid)
        return found

    def _is_stale(self) -> bool:
        return time.monotonic() - self._fetched_at > _FRESH_S

    async def _refresh(self) -> None:
        async with self._fetching:
            if self._is_stale() and time.monotonic() - self._tried_at >= _RETRY_S:
                await self._fetch()

    async def _search(self, kid: str) -> None:
        async with self._fetching:
            if await self._keys.find(kid) or time.monotonic() < self._search_from:
                return
            pause_s = _REFETCH_S if await self._fetch() else _RETRY_S
            self._search_from = self._tried_at + pause_s

    async def _fetch(self) -> bool:
        try:
            answer = await self._addresses.ask(self._client.get)
            answer.raise_for_status()
            keys = [key for key in answer.json()["keys"] if _is_usable(key)]
        except (httpx.HTTPError, OSError, ValueError, LookupError, TypeError):
            return False
        finally:
            self._tried_at = time.monotonic()
        self._keys, self._fetched_at = LocalKeys(keys), self._tried_at
        return True


def _is_usable(key: Any) -> bool:
    # a peer may also publish keys of other kinds; they must not hide the ones that we can read
    with suppress(TokenRefused, AttributeError):
        return bool(key.get("kid") and construct(key))
    return False
