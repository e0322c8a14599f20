"""What browsers obey, on every answer; methods that nobody needs."""

import httpx
import pytest

from chassis.app import create_app
from gateway.app import define
from gateway.settings import GatewaySettings
from tests.gateway.world import Gateway, lines, raw
from tests.town import problem

STRICT = "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/v1/me", "/v1/problems", "/v1/cooperatives", "/v1/lenders", "/oauth2/jwks"),
        *("/nowhere", "/docs", "/verify/AAAAAAAAAA", "/health/live"),
    ],
)
async def test_every_answer_tells_browsers_to_be_careful(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    is_page = headers["content-type"].startswith("text/html")
    assert (headers["content-security-policy"] == STRICT) == (not is_page)
    assert "server" not in headers
    assert "strict-transport-security" not in headers  # this one is reached without TLS


async def test_behind_tls_browsers_are_told_to_stay_there(settings: GatewaySettings) -> None:
    app = create_app(define(settings.model_copy(update={"public_url": "https://api.example.sn"})))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answered = await client.get("/v1/problems")
    await app.state.http.aclose()
    assert answered.headers["strict-transport-security"].startswith("max-age=63072000")


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PROPFIND"])
@pytest.mark.parametrize(("path", "allowed"), [("/v1/problems", "GET"), ("/oauth2/token", "POST")])
async def test_a_method_that_is_not_there_is_refused_with_those_that_are(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answered = await client.request(method, path, headers={"X-Secret": "echo-me"})
    assert problem(answered)["code"] == "METHOD_NOT_ALLOWED"
    assert answered.headers["allow"] == allowed
    assert "echo-me" not in answered.text


@pytest.mark.parametrize("method", [b"CONNECT", b"FOO", b"get"])
async def test_methods_that_are_none_are_refused(gateway: Gateway, method: bytes) -> None:
    answered = await raw(gateway.port, lines(method, b"/v1/problems"))
    assert answered.startswith((b"HTTP/1.1 400", b"HTTP/1.1 405"))
    assert method.lower() not in answered.partition(b"\r\n\r\n")[2].lower()
