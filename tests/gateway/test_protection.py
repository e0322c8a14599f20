"""What browsers obey, on every answer; methods that nobody needs."""

import httpx
import pytest

from chassis.app import create_app
from gateway.app import define
from gateway.settings import GatewaySettings
from tests.gateway.world import Gateway, Recorder, lines, raw
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


@pytest.mark.parametrize(
    "address",
    [
        "https://x; script-src *; y/",
        "https://x\r\nX-Planted: 1/",
        "https://\u0639\u0631\u0628\u064a/",
        "http://[x/",
        "javascript:alert(1)",
        "*",
    ],
)
async def test_a_refused_address_says_nothing_in_the_policy_of_the_page(
    client: httpx.AsyncClient, address: str
) -> None:
    asked = {"response_type": "code", "client_id": "nobody", "redirect_uri": address}
    answered = await client.get("/oauth2/authorize", params=asked)
    assert answered.status_code == 400
    assert "form-action 'self';" in answered.headers["content-security-policy"]
    assert "script-src" not in answered.headers["content-security-policy"]
    assert "x-planted" not in answered.headers


@pytest.mark.parametrize("path", ["/v1/me", "/v1/me/limits", "/oauth2/userinfo", "/v1/filings"])
async def test_two_tokens_in_one_request_are_none(gateway: Gateway, path: str) -> None:
    token = await gateway.token("instructor")
    twice = [("Authorization", f"Bearer {token}")] * 2
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        answered = await client.get(path, headers=twice)
    assert problem(answered)["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PROPFIND"])
@pytest.mark.parametrize(
    ("path", "allowed"), [("/v1/problems", "GET, HEAD"), ("/oauth2/token", "POST")]
)
async def test_a_method_that_is_not_there_is_refused_with_those_that_are(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answered = await client.request(method, path, headers={"X-Secret": "echo-me"})
    assert problem(answered)["code"] == "METHOD_NOT_ALLOWED"
    assert answered.headers["allow"] == allowed
    assert "echo-me" not in answered.text


async def test_nobody_is_shown_what_services_are_told(
    gateway: Gateway, client: httpx.AsyncClient, registry: Recorder
) -> None:
    answered = await client.request("TRACE", "/v1/filings/traced", headers={"X-Secret": "echo-me"})
    assert problem(answered)["code"] == "METHOD_NOT_ALLOWED"
    assert "GET" in answered.headers["allow"]
    assert "echo-me" not in answered.text
    assert registry.count("/v1/filings/traced") == 0
    assert "ratelimit" in answered.headers


@pytest.mark.parametrize("method", [b"CONNECT", b"FOO", b"get"])
async def test_methods_that_are_none_are_refused(gateway: Gateway, method: bytes) -> None:
    answered = await raw(gateway.port, lines(method, b"/v1/problems"))
    assert answered.startswith((b"HTTP/1.1 400", b"HTTP/1.1 405"))
    assert method.lower() not in answered.partition(b"\r\n\r\n")[2].lower()


@pytest.mark.parametrize(
    "path", ["/v1/problems", "/v1/openapi.json", "/", "/docs", "/v1/me", "/verify/AAAAAAAAAA"]
)
async def test_head_is_get_without_its_body(gateway: Gateway, path: str) -> None:
    told = []
    for method in (b"GET", b"HEAD"):
        answered = await raw(gateway.port, lines(method, path.encode()))
        head, _, body = answered.partition(b"\r\n\r\n")
        told.append([line for line in head.split(b"\r\n") if not line.startswith(_OWN)])
        assert bool(body) == (method == b"GET")
    assert told[0] == told[1]


_OWN = (b"date:", b"x-request-id:", b"ratelimit:", b"set-cookie:", b"content-length:")
