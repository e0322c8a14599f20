"""The gateway's figures: counted where requests are carried, and told to nobody outside."""

from ipaddress import ip_address, ip_network

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.counts import RETRIES
from gateway.settings import GatewaySettings
from gateway.upstreams.budget import Asked
from gateway.upstreams.priorities import Priority
from gateway.upstreams.upstream import Policy, Upstream
from tests.chassis.test_metrics import at, read
from tests.gateway.conftest import Narrow
from tests.gateway.world import Gateway, Recorder, lines, raw

PLANTED = ("2771234567890", "771234567", "awa.diop@example.sn", "N'Diaye-Sarr", "SN0812345678")


async def figures(client: httpx.AsyncClient) -> str:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


async def test_what_is_carried_is_counted_by_its_way_and_never_by_its_address(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    told = {"method": "GET", "route": "/v1/cooperatives", "status": "200"}
    before = read(await figures(client))
    for n in range(5):
        answer = await client.get(
            f"/v1/cooperatives/{n}", headers=await gateway.bearer("registrar")
        )
        assert answer.status_code == 200
    after = read(await figures(client))
    counted = "http_requests_total"
    assert at(after, counted, **told) - at(before, counted, **told) == 5


async def test_nothing_that_callers_send_stands_in_the_page(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    for value in PLANTED:
        for path in (f"/v1/members/{value}", f"/{value}", f"/v1/{value}", f"/v1/filings?q={value}"):
            headers = {"X-Request-Id": value, "traceparent": value, "User-Agent": value}
            await client.get(path, headers={**headers, "Authorization": f"Bearer {value}"})
        await client.post("/oauth2/token", data={"client_id": value, "grant_type": value})
        method = value.encode().replace(b"@", b"").replace(b" ", b"")
        await raw(gateway.port, lines(method, f"/v1/members/{value}".encode()))
    page = await figures(client)
    assert [value for value in PLANTED if value in page] == []


async def test_a_proxy_shows_the_page_to_nobody(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize(("address", "may"), [("10.0.0.1", False), ("10.0.0.2", True)])
def test_what_connects_as_a_trusted_proxy_is_never_near(
    settings: GatewaySettings, address: str, may: bool
) -> None:
    networks = [ip_network("10.0.0.0/24")]
    changes = {"metrics_networks": networks, "trusted_proxies": [ip_network("10.0.0.1/32")]}
    assert settings.model_copy(update=changes).may_read_metrics(ip_address(address)) is may


async def test_calls_to_a_service_are_counted_by_their_end(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    before = read(await figures(client))
    registry.acts["/v1/cooperatives/cut"] = _cut
    await client.get("/v1/cooperatives/well")
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/v1/cooperatives/cut")
    registry.acts.clear()
    after = read(await figures(client))
    for outcome in ("ANSWERED", "BROKEN"):
        told = {"service": "registry", "outcome": outcome}
        assert at(after, "upstream_attempts_total", **told) > at(
            before, "upstream_attempts_total", **told
        )
    told = {"service": "registry", "address": registry.url}
    assert at(after, "upstream_ready", **told) == 1
    assert at(after, "upstream_in_flight", **told) == 0
    assert ("upstream_breaker_state", frozenset(told.items())) in after


def test_calls_made_again_are_counted() -> None:
    upstream = Upstream("registry", ["http://127.0.0.1:1"], Policy())
    before, asked = RETRIES.value("registry"), Asked("GET", is_keyed=False, is_held=True)
    for _ in range(10):
        upstream.admit(Priority.READS).leave()
    allowed = [upstream.may_repeat(asked, 1, 0.0) is not None for _ in range(5)]
    assert allowed == [True, True, False, False, False]
    assert RETRIES.value("registry") - before == 2


async def _cut(scope: Scope, receive: Receive, send: Send) -> None:
    head = [(b"content-length", b"50")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    raise ConnectionResetError


async def test_what_a_limit_refuses_is_counted(narrow: Narrow) -> None:
    told = {"code": "RATE_LIMITED", "route_class": "PUBLIC"}
    async with httpx.AsyncClient(base_url=narrow.url) as client:
        before = read(await figures(client))
        statuses = [(await client.get("/v1/cooperatives/a")).status_code for _ in range(7)]
        after = read(await figures(client))
    name = "requests_limited_total"
    assert at(after, name, **told) - at(before, name, **told) == statuses.count(429) > 0


async def test_what_is_refused_before_it_is_a_request_is_counted(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    name, told = "connections_refused_total", {"code": "HEADERS_TOO_LARGE"}
    before = read(await figures(client))
    await raw(gateway.port, lines(b"GET", b"/v1/me", b"X-Long: " + b"x" * 70_000))
    after = read(await figures(client))
    assert at(after, name, **told) - at(before, name, **told) == 1
