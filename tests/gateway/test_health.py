import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.health import Readiness
from gateway.upstreams import checks
from tests.gateway.world import Recorder


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is ready is heard, however busy the machine."""
    monkeypatch.setattr(checks, "_PATIENCE_S", 30.0)


@pytest.fixture
async def asking(services: dict[str, Recorder]) -> AsyncIterator[Readiness]:
    async with httpx.AsyncClient(timeout=30) as client:
        yield Readiness(
            client, lambda: {name: [recorder.url] for name, recorder in services.items()}
        )


async def test_the_process_is_alive(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "ok"}


async def test_it_is_not_ready_while_a_service_is_away(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "missing": ["financing"]}
    assert answer.headers["cache-control"] == "no-store"


async def test_it_is_ready_when_everybody_is(registry: Recorder) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        everybody = {name: [registry.url] for name in ("registry", "training", "financing")}
        assert await Readiness(client, lambda: everybody).missing() == []


async def test_a_service_that_is_not_ready_is_named(asking: Readiness, registry: Recorder) -> None:
    registry.is_ready = False
    missing = await asking.missing()
    registry.is_ready = True
    assert missing == ["registry", "financing"]


async def test_services_are_asked_once_a_second_whoever_asks(
    asking: Readiness, registry: Recorder
) -> None:
    before = registry.count("/health/ready")
    await asyncio.gather(*(asking.missing() for _ in range(20)))
    assert registry.count("/health/ready") == before + 1


async def test_a_service_has_a_second_to_answer(
    services: dict[str, Recorder], registry: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert checks._PATIENCE_S == 1.0
    is_over = asyncio.Event()

    async def sleeping(scope: Scope, receive: Receive, send: Send) -> None:
        await is_over.wait()

    registry.acts["/health/ready"] = sleeping
    try:
        async with asyncio.timeout(30), httpx.AsyncClient(timeout=60) as client:
            places = {name: [recorder.url] for name, recorder in services.items()}
            assert "registry" in await Readiness(client, lambda: places).missing()
    finally:
        del registry.acts["/health/ready"]
        is_over.set()


async def test_one_ready_address_of_a_service_is_enough(services: dict[str, Recorder]) -> None:
    async with httpx.AsyncClient() as client:
        places = {"registry": [services["financing"].url, services["registry"].url]}
        assert await Readiness(client, lambda: places).missing() == []
