"""Which pages may call from a browser, and what the browser is told."""

import httpx
import pytest
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from gateway.settings import GatewaySettings
from tests.gateway.conftest import FRONTEND, Narrow
from tests.gateway.test_limits import remaining
from tests.gateway.world import Gateway, Recorder, answer, lines, raw, read_all
from tests.town import problem

READ = {
    *("etag", "location", "link", "retry-after", "ratelimit", "ratelimit-policy"),
    *("idempotency-replayed", "x-request-id", "content-language"),
}
SENT = {
    *("authorization", "content-type", "idempotency-key", "if-match", "if-none-match"),
    *("accept-language", "x-jws-signature", "traceparent", "purpose-of-use"),
}
FOREIGN = [
    "https://evil.example",
    "null",
    "http://127.0.0.1:5173.evil.example",
    "http://evil.example/http://127.0.0.1:5173",
    "http://127.0.0.1:51730",
    "http://127.0.0.1",
    "https://127.0.0.1:5173",
    "http://localhost:5173",
    "HTTP://127.0.0.1:5173",
    "http://127.0.0.1:5173/",
    "http://127.0.0.1:5173, https://evil.example",
    "http://x127.0.0.1:5173",
    "",
]


def listed(answered: httpx.Response, name: str) -> set[str]:
    return {word.strip().lower() for word in answered.headers[name].split(",")}


def asking(origin: str, method: str = "POST") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }


@pytest.mark.parametrize("path", ["/v1/filings", "/v1/me", "/oauth2/token", "/v1/nowhere"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "GET"])
async def test_a_preflight_from_the_frontend_is_answered_and_remembered(
    client: httpx.AsyncClient, path: str, method: str
) -> None:
    answered = await client.options(path, headers=asking(FRONTEND, method))
    assert (answered.status_code, answered.content) == (204, b"")
    assert answered.headers["access-control-allow-origin"] == FRONTEND
    assert method.lower() in listed(answered, "access-control-allow-methods")
    assert listed(answered, "access-control-allow-headers") >= SENT
    assert int(answered.headers["access-control-max-age"]) >= 600
    assert "access-control-allow-credentials" not in answered.headers
    assert listed(answered, "vary") >= {
        *("origin", "access-control-request-method", "access-control-request-headers")
    }


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_preflight_from_elsewhere_is_refused(
    client: httpx.AsyncClient, origin: str
) -> None:
    answered = await client.options("/v1/filings", headers=asking(origin))
    assert (answered.status_code, problem(answered)["code"]) == (403, "ORIGIN_NOT_ALLOWED")
    assert not [name for name in answered.headers if name.startswith("access-control")]
    assert "origin" in listed(answered, "vary")
    assert "evil" not in answered.text


@pytest.mark.parametrize("has_token", [True, False])
@pytest.mark.parametrize("path", ["/v1/cooperatives", "/v1/me", "/v1/problems"])
async def test_the_frontend_reads_answers_of_services_and_of_the_gateway(
    gateway: Gateway, client: httpx.AsyncClient, path: str, *, has_token: bool
) -> None:
    bearer = await gateway.bearer("volunteer") if has_token else {}
    answered = await client.get(path, headers={"Origin": FRONTEND, **bearer})
    assert answered.headers["access-control-allow-origin"] == FRONTEND
    assert listed(answered, "access-control-expose-headers") >= READ
    assert "access-control-allow-credentials" not in answered.headers
    assert "origin" in listed(answered, "vary")


@pytest.mark.parametrize("has_token", [True, False])
@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_from_elsewhere_reads_nothing(
    gateway: Gateway, client: httpx.AsyncClient, origin: str, *, has_token: bool
) -> None:
    bearer = await gateway.bearer("volunteer") if has_token else {}
    for path in ("/v1/cooperatives", "/v1/me"):
        answered = await client.get(path, headers={"Origin": origin, **bearer})
        assert not [name for name in answered.headers if name.startswith("access-control")]
        assert "origin" in listed(answered, "vary")


async def test_two_origins_are_none(gateway: Gateway) -> None:
    sent = lines(b"GET", b"/v1/me", b"Origin: http://127.0.0.1:5173", b"Origin: https://e.example")
    assert b"access-control" not in (await raw(gateway.port, sent)).lower()


async def test_without_an_origin_nothing_is_allowed_but_caches_are_warned(
    client: httpx.AsyncClient,
) -> None:
    answered = await client.get("/v1/problems")
    assert not [name for name in answered.headers if name.startswith("access-control")]
    assert "origin" in listed(answered, "vary")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/me", {}, 401),
        ("GET", "/v1/cooperatives", {"Authorization": "Bearer x"}, 401),
        ("GET", "/v1/nowhere", {}, 404),
        ("GET", "/v1/cooperatives/%00", {}, 404),
        ("DELETE", "/v1/problems", {}, 405),
        ("POST", "/v1/filings", {"Content-Length": "1000000000000"}, 413),
        ("GET", "/v1/lenders", {}, 503),
        ("POST", "/oauth2/token", {}, 400),
        ("OPTIONS", "/v1/problems", {}, 405),  # not a preflight: it names no method
    ],
)
async def test_refusals_can_be_read_too(
    gateway: Gateway, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    told = [f"{name}: {value}".encode() for name, value in headers.items()]
    sent = lines(method.encode(), path.encode(), b"Origin: " + FRONTEND.encode(), *told)
    answered = await raw(gateway.port, sent)
    head = answered.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 %d" % status)
    assert b"access-control-allow-origin: http://127.0.0.1:5173" in head
    assert b"ratelimit" in head.partition(b"access-control-expose-headers:")[2]


async def test_a_crash_and_a_refusal_for_haste_can_be_read_too(
    gateway: Gateway, client: httpx.AsyncClient, narrow: Narrow
) -> None:
    contract, gateway.app.state.contract = gateway.app.state.contract, None
    crashed = await client.get("/v1/openapi.json", headers={"Origin": FRONTEND})
    gateway.app.state.contract = contract
    async with httpx.AsyncClient(base_url=narrow.url) as caller:
        for _ in range(5):
            hasty = await caller.get("/v1/problems", headers={"Origin": FRONTEND})
    assert [crashed.status_code, hasty.status_code] == [500, 429]
    for answered in (crashed, hasty):
        assert answered.headers["access-control-allow-origin"] == FRONTEND


async def test_preflights_cost_nothing(narrow: Narrow) -> None:
    async with httpx.AsyncClient(base_url=narrow.url) as caller:
        for origin in [FRONTEND, "https://evil.example"] * 10:
            await caller.options("/v1/problems", headers=asking(origin))
        assert remaining(await caller.get("/v1/problems")) == 3


async def test_a_service_does_not_say_who_may_read(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        told = [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Accept"),
        ]
        await answer(send, 200, b"{}", told)

    registry.acts["/v1/events/telling"] = telling
    stranger = await client.get("/v1/events/telling", headers={"Origin": "https://evil.example"})
    ours = await client.get("/v1/events/telling", headers={"Origin": FRONTEND})
    assert not [name for name in stranger.headers if name.startswith("access-control")]
    assert ours.headers.get_list("access-control-allow-origin") == [FRONTEND]
    assert listed(ours, "vary") == {"accept", "origin"}


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "", "app.example.sn", "https://app.example.sn/", "HTTPS://app.example.sn"),
        *("https://*.example.sn", "https://app.example.sn/path", "https://a:b@app.example.sn"),
        *("ftp://app.example.sn", "https://app.example.sn:0", "https://app.example.sn,https://b"),
    ],
)
def test_only_whole_origins_can_be_listed(settings: GatewaySettings, origin: str) -> None:
    given = settings.model_dump() | {"cors_origins": [origin]}
    with pytest.raises(ValidationError, match="not an origin"):
        GatewaySettings(**given)


@pytest.mark.parametrize(
    "origin", ["https://app.example.sn", "http://127.0.0.1:5173", "http://[::1]:8080"]
)
def test_whole_origins_can_be_listed(settings: GatewaySettings, origin: str) -> None:
    given = settings.model_dump() | {"cors_origins": [origin]}
    assert GatewaySettings(**given).cors_origins == [origin]
