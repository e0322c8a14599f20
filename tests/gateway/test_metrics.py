"""The gateway's figures: counted where requests are carried, and told to nobody outside."""

from ipaddress import ip_address, ip_network

import httpx
import pytest

from gateway.settings import GatewaySettings
from tests.chassis.test_metrics import at, read
from tests.gateway.world import Gateway, lines, raw

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
