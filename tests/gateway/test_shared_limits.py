"""Limits that two gateways share, each a process of its own, over a real Valkey server."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.settings import GatewaySettings
from local.lifeline import dying_with_us
from local.vacant import free_port
from tests.gateway.test_limits import remaining, state
from tests.gateway.valkey_server import ValkeyServer, valkey_server
from tests.gateway.world import Gateway, Recorder, answer, read_all
from tests.town import problem

# An hour's window: nothing comes back while a test runs.
ROOM = {"quota": 40, "window_s": 3_600, "daily": 1_000}
SCANT = {"quota": 40, "window_s": 3_600, "daily": 25}
TIERS = {"STANDARD": {"READS": ROOM, "PUBLIC": ROOM, "WRITES": SCANT}}


def _environment(settings: GatewaySettings, url: str, port: int) -> dict[str, str]:
    told = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": settings.database_url,
        "KEYS_FILE": str(settings.keys_file),
        "VAULT_FILE": str(settings.vault_file),
        "PUBLIC_URL": settings.public_url,
        "PEERS": json.dumps(settings.peers),
        "PORT": str(port),
        "TIERS": json.dumps(TIERS),
        "RUN_WORKER": "0",
        "RATE_LIMIT_PATIENCE_S": "1",  # the machine may be busy
    }
    named = {f"GATEWAY_{name}": value for name, value in told.items()}
    return {"PATH": os.environ["PATH"], "RATE_LIMIT_URL": url, **named}


@asynccontextmanager
async def a_process(settings: GatewaySettings, url: str) -> AsyncIterator[str]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        env=_environment(settings, url, port),
        stdout=asyncio.subprocess.DEVNULL,
        preexec_fn=dying_with_us(signal.SIGTERM),
    )
    base = f"http://127.0.0.1:{port}"
    try:
        await _listening(base)
        yield base
    finally:
        process.terminate()
        await process.wait()


async def _listening(base: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(2_400):
            try:
                await client.get(f"{base}/health/live")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
    raise AssertionError("the gateway does not listen")


@dataclass
class Pair:
    """Two gateways and the server that they share."""

    one: httpx.AsyncClient
    other: httpx.AsyncClient
    server: ValkeyServer

    def either(self, number: int) -> httpx.AsyncClient:
        return (self.one, self.other)[number % 2]


@pytest.fixture(scope="module")
async def pair(settings: GatewaySettings, gateway: Gateway) -> AsyncIterator[Pair]:
    async with (
        valkey_server() as server,
        a_process(settings, server.url) as one,
        a_process(settings, server.url) as other,
        httpx.AsyncClient(base_url=one, timeout=30) as first,
        httpx.AsyncClient(base_url=other, timeout=30) as second,
    ):
        yield Pair(first, second, server)


def a_caller(gateway: Gateway, **changes: Any) -> dict[str, str]:
    token = gateway.made(sub=f"user-{uuid4().hex}", **changes)
    return {"Authorization": f"Bearer {token}"}


async def test_concurrent_callers_of_two_processes_get_the_quota_and_not_one_more(
    pair: Pair, gateway: Gateway
) -> None:
    caller = a_caller(gateway)
    asked = [pair.either(n).get("/v1/me", headers=caller) for n in range(120)]
    answers = await asyncio.gather(*asked)
    assert Counter(found.status_code for found in answers) == {200: 40, 429: 80}
    left = sorted(remaining(found) for found in answers if found.status_code == 200)
    assert left[0] == 0


async def test_the_day_is_shared_too(pair: Pair, gateway: Gateway) -> None:
    caller = a_caller(gateway)
    asked = [pair.either(n).post("/v1/filings", headers=caller) for n in range(60)]
    answers = await asyncio.gather(*asked)
    assert Counter(found.status_code for found in answers) == {200: 25, 429: 35}
    refused = next(found for found in answers if found.status_code == 429)
    assert problem(refused)["code"] == "QUOTA_EXCEEDED"
    assert state(refused)[:2] == ("daily", 0)
    assert int(refused.headers["retry-after"]) == problem(refused)["retry_after_s"] > 0


async def test_headers_and_the_page_of_limits_say_the_same_at_both(
    pair: Pair, gateway: Gateway
) -> None:
    caller = a_caller(gateway)
    left = [remaining(await pair.either(n).get("/v1/me", headers=caller)) for n in range(6)]
    assert left == [39, 38, 37, 36, 35, 34]
    for client in (pair.one, pair.other, pair.one):
        told = await client.get("/v1/me/limits", headers=caller)
        reads, writes, _ = told.json()["items"]
        assert remaining(told) == reads["policies"][0]["remaining"] == 34
        assert reads["policies"][1]["remaining"] == 994
        assert writes["policies"][1]["remaining"] == 25


async def test_a_refusal_says_when_to_come_again(pair: Pair, gateway: Gateway) -> None:
    caller = a_caller(gateway)
    for n in range(40):
        await pair.either(n).get("/v1/me", headers=caller)
    refused = await pair.other.get("/v1/me", headers=caller)
    assert problem(refused)["code"] == "RATE_LIMITED"
    assert state(refused)[:2] == ("client", 0)
    assert 60 < int(refused.headers["retry-after"]) <= 90  # one comes back every 90 s


async def test_an_answer_already_known_is_free_everywhere(
    pair: Pair, gateway: Gateway, registry: Recorder
) -> None:
    async def unchanged(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await send({"type": "http.response.start", "status": 304, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await answer(send, 200, b"{}")

    registry.acts["/v1/filings/as-it-was"] = unchanged
    registry.acts["/v1/filings/as-it-is"] = changed
    caller = a_caller(gateway) | {"If-None-Match": '"1"'}
    for n in range(50):
        again = await pair.either(n).get("/v1/filings/as-it-was", headers=caller)
        # what one gave back may still be on its way when the other counts
        assert (again.status_code, remaining(again) >= 39) == (304, True)
    await _given_back(pair, caller)
    for n in range(3):
        again = await pair.either(n).get("/v1/filings/as-it-was", headers=caller)
        assert remaining(again) == 40
        await _given_back(pair, caller)
    assert remaining(await pair.one.get("/v1/filings/as-it-is", headers=caller)) == 39


async def _given_back(pair: Pair, caller: dict[str, str]) -> None:
    """Until all that was given back has arrived; to look costs nothing."""
    for _ in range(600):
        if remaining(await pair.one.get("/v1/me/limits", headers=caller)) == 40:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it is never given back")


async def test_two_callers_do_not_share(pair: Pair, gateway: Gateway) -> None:
    for n in range(6):
        answered = await pair.either(n).get("/v1/me", headers=a_caller(gateway))
        assert remaining(answered) == 39


async def test_without_the_server_callers_notice_nothing(pair: Pair, gateway: Gateway) -> None:
    caller = a_caller(gateway)
    for n in range(20):
        await pair.either(n).get("/v1/me", headers=caller)
    await pair.server.kill()
    try:
        asked = [pair.either(n).get("/v1/me", headers=caller) for n in range(60)]
        alone = await asyncio.gather(*asked)
    finally:
        await pair.server.start()
    statuses = Counter(found.status_code for found in alone)
    # each goes on from what it last heard: at most 20 or 21 more, and none of them anew
    assert set(statuses) == {200, 429}
    assert 40 <= statuses[200] <= 41
    assert {"ratelimit", "ratelimit-policy"} <= set(alone[0].headers)
    await _together_again(pair, gateway)


async def _together_again(pair: Pair, gateway: Gateway) -> None:
    for _ in range(400):
        caller = a_caller(gateway)
        left = [remaining(await pair.either(n).get("/v1/me", headers=caller)) for n in range(4)]
        if left == [39, 38, 37, 36]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the gateways do not count together again")
