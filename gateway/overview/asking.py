"""Asking the services on behalf of one caller: with the caller's own letters, and not for long."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from chassis.errors import NotFound, Unavailable
from chassis.trace import trace_headers
from gateway.upstreams.attempts import Attempts
from gateway.upstreams.balance import Outcome
from gateway.upstreams.budget import Asked
from gateway.upstreams.patience import DEADLINE
from gateway.upstreams.priorities import Priority
from gateway.upstreams.upstream import Upstream

log = structlog.get_logger()
M = TypeVar("M", bound=BaseModel)
_MOST_BYTES = 2_000_000
_ONCE = Asked("GET", is_keyed=False, is_held=True)


class Away(Exception):
    """The service did not answer in time, or not in a way that can be understood."""


@dataclass(frozen=True)
class Asker:
    """One caller before all services; `letters` are the caller's internal tokens."""

    client: httpx.AsyncClient
    upstreams: Mapping[str, Upstream]
    letters: Mapping[str, str]
    request_id: str
    patience_s: float  # for each answer, with all that comes before it

    async def get(self, service: str, target: str, model: type[M]) -> M | None:
        """What is at `target`, None if the caller may not see it; raises `Away` or `NotFound`."""
        try:
            status, body = await self._ask(service, target)
            return _read(status, body, model)
        except (httpx.RequestError, ValidationError, Unavailable) as error:
            log.warning("overview_lacks", service=service, error=type(error).__name__)
            raise Away() from error

    async def _ask(self, service: str, target: str) -> tuple[int, bytes]:
        attempts = Attempts(self.upstreams[service], Priority.READS, _ONCE)
        try:
            async with asyncio.timeout(self.patience_s):
                return await self._answered(attempts, service, target)
        except TimeoutError as error:  # the service's fault; who is cancelled leaves by themselves
            attempts.end(Outcome.LATE)
            raise Away() from error
        finally:
            attempts.leave()

    async def _answered(self, attempts: Attempts, service: str, target: str) -> tuple[int, bytes]:
        while True:
            url = attempts.begin().url
            request = httpx.Request("GET", url + target, headers=self._headers(service, url))
            try:
                found = await self._exchange(request)
            except httpx.RequestError as error:
                is_refused = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                attempts.end(Outcome.REFUSED if is_refused else Outcome.BROKEN)
                pause_s = attempts.again()
                if pause_s is None:
                    raise
                await asyncio.sleep(pause_s)
            else:
                attempts.end(Outcome.ANSWERED)
                return found

    async def _exchange(self, request: httpx.Request) -> tuple[int, bytes]:
        answer = await self.client.send(request, stream=True)
        try:
            return answer.status_code, await _body(answer)
        finally:
            await answer.aclose()

    def _headers(self, service: str, url: str) -> list[tuple[bytes, bytes]]:
        return [
            (b"host", urlsplit(url).netloc.encode()),
            (b"accept", b"application/json"),
            (b"authorization", f"Bearer {self.letters[service]}".encode()),
            (b"x-request-id", self.request_id.encode()),
            (DEADLINE, b"%d" % (1_000 * self.patience_s)),
            *trace_headers(),
        ]


async def _body(answer: httpx.Response) -> bytes:
    found = bytearray()
    async for chunk in answer.aiter_bytes():
        found += chunk
        if len(found) > _MOST_BYTES:
            raise Away()
    return bytes(found)


def _read(status: int, body: bytes, model: type[M]) -> M | None:
    if status == 200:
        return model.model_validate_json(body)
    if status == 403:
        return None
    raise NotFound() if status == 404 else Away()


async def together(*acts: Coroutine[Any, Any, Any]) -> list[Any]:
    """The results of all; when one fails, the others are not waited for."""
    tasks = [asyncio.create_task(act) for act in acts]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
