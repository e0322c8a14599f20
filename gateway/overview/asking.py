"""Asking the services on behalf of one caller: with the caller's own letters, and not for long."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from chassis.errors import NotFound
from chassis.trace import current_traceparent
from chassis.transport import NoBody
from gateway.plane.plane import Upstream

log = structlog.get_logger()
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
_MOST_BYTES = 2_000_000


class Away(Exception):
    """The service did not answer in time, or not in a way that can be understood."""


@dataclass(frozen=True)
class Asker:
    """One caller before all services; `letters` are the caller's internal tokens."""

    upstreams: Mapping[str, Upstream]
    letters: Mapping[str, str]
    request_id: str

    async def get(self, service: str, target: str, model: type[M]) -> M | None:
        """What is at `target`, None if the caller may not see it; raises `Away` or `NotFound`."""
        upstream = self.upstreams[service]
        request = httpx.Request(
            "GET",
            upstream.address(target.encode()),
            headers=self._headers(service, upstream),
            stream=NoBody(),
            extensions={"target": target.encode()},
        )
        try:
            answer = await upstream.transport.handle_async_request(request)
            try:
                return _read(answer.status_code, await _body(answer), model)
            finally:
                await answer.aclose()
        except (httpx.TransportError, ValidationError) as error:
            log.warning("overview_lacks", service=service, error=type(error).__name__)
            raise Away() from error

    def _headers(self, service: str, upstream: Upstream) -> list[tuple[bytes, bytes]]:
        return [
            (b"host", upstream.host),
            (b"accept", b"application/json"),
            (b"authorization", f"Bearer {self.letters[service]}".encode()),
            (b"x-request-id", self.request_id.encode()),
            (b"traceparent", (current_traceparent() or "").encode()),
        ]


async def _body(answer: httpx.Response) -> bytes:
    stream, found = answer.stream, bytearray()
    assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101  tells mypy
    async for chunk in stream:
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


async def in_time(act: Coroutine[Any, Any, T], patience_s: float) -> T:
    """The result of `act`, or `Away` when it takes longer."""
    try:
        async with asyncio.timeout(patience_s):
            return await act
    except TimeoutError as error:
        raise Away() from error
