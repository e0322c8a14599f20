"""What comes back from a service is what its caller gets."""

import gzip

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway.world import App, Gateway, Recorder, answer, lines, raw, read_all
from tests.town import problem


def replying(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> App:
    async def act(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        sent = b"" if scope["method"] == "HEAD" or status in (204, 304) else body
        told = [(b"content-length", str(len(body)).encode()), *headers]
        if status in (204, 304):
            told = list(headers)
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": sent})

    return act


async def test_a_compressed_answer_stays_compressed(
    client: httpx.AsyncClient, gateway: Gateway, registry: Recorder
) -> None:
    zipped = gzip.compress("été".encode() * 100)
    registry.acts["/v1/events/gzip"] = replying(
        200, zipped, (b"content-encoding", b"gzip"), (b"content-type", b"text/plain")
    )
    answered = await raw(gateway.port, lines(b"GET", b"/v1/events/gzip"))
    assert answered.endswith(b"\r\n\r\n" + zipped)
    assert b"content-encoding: gzip" in answered


async def test_an_answer_keeps_its_headers_and_loses_those_of_its_connection(
    gateway: Gateway, registry: Recorder
) -> None:
    registry.acts["/v1/events/headers"] = replying(
        201,
        b"{}",
        (b"location", b"/v1/filings/1"),
        (b"etag", b'"1"'),
        (b"link", b'<a>; rel="next"'),
        (b"link", b'<b>; rel="deprecation"'),
        (b"cache-control", b"public, max-age=60"),
        (b"x-internal-node", b"7"),
        (b"connection", b"x-hop"),
        (b"x-hop", b"1"),
        (b"keep-alive", b"timeout=9"),
        (b"server", b"secret/1.0"),
    )
    answered = await raw(gateway.port, lines(b"GET", b"/v1/events/headers"))
    head, _, body = answered.partition(b"\r\n\r\n")
    told = [line.lower() for line in head.split(b"\r\n")[1:]]
    assert body == b"{}"
    assert b"location: /v1/filings/1" in told
    assert b'etag: "1"' in told
    assert [line for line in told if line.startswith(b"link")] == [
        b'link: <a>; rel="next"',
        b'link: <b>; rel="deprecation"',
    ]
    assert b"cache-control: public, max-age=60" in told
    assert sum(line.startswith(b"date:") for line in told) == 1
    assert sum(line.startswith(b"x-request-id:") for line in told) == 1
    hidden = (b"x-internal", b"x-hop", b"keep-alive", b"server")
    assert not [line for line in told if line.startswith(hidden)]


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_ends_at_its_head(
    gateway: Gateway, registry: Recorder, status: int
) -> None:
    path = f"/v1/events/{status}"
    registry.acts[path] = replying(status, b"", (b"etag", b'"1"'))
    head = lines(b"GET", path.encode()).replace(b"Connection: close\r\n", b"")
    answered = await raw(gateway.port, head + lines(b"GET", b"/v1/me"))
    first, _, rest = answered.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 %d" % status)
    assert b"content-length" not in first
    assert b"transfer-encoding" not in first
    assert rest.startswith(b"HTTP/1.1 401")


async def test_head_tells_the_length_of_what_it_leaves_out(
    gateway: Gateway, registry: Recorder
) -> None:
    registry.acts["/v1/events/head"] = replying(200, b"x" * 70_000)
    head = lines(b"HEAD", b"/v1/events/head").replace(b"Connection: close\r\n", b"")
    answered = await raw(gateway.port, head + lines(b"GET", b"/v1/me"))
    first, _, rest = answered.partition(b"\r\n\r\n")
    assert b"content-length: 70000" in first
    assert rest.startswith(b"HTTP/1.1 401")


async def test_refusals_of_a_service_pass_as_they_are(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        told = [(b"content-type", b"application/problem+json"), (b"retry-after", b"7")]
        await answer(send, 429, b'{"code": "TOO_FAST"}', told)

    registry.acts["/v1/events/refused"] = refuse
    answered = await client.get("/v1/events/refused")
    assert (answered.status_code, answered.headers["retry-after"]) == (429, "7")
    assert answered.json() == {"code": "TOO_FAST"}


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        ("fr", "Service indisponible", "Le service financing ne répond pas pour l'instant."),
        ("en", "Service unavailable", "The financing service does not answer for now."),
    ],
)
async def test_a_service_that_is_away_is_said_in_both_languages(
    client: httpx.AsyncClient, language: str, title: str, detail: str
) -> None:
    answered = await client.get("/v1/lenders", headers={"Accept-Language": language})
    body = problem(answered)
    assert (answered.status_code, body["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert (body["title"], body["detail"]) == (title, detail)
    assert answered.headers["retry-after"] == "1"
    assert answered.headers["content-language"] == language
    assert body["trace_id"]


async def test_a_service_cannot_leave_cookies_that_others_would_send(
    gateway: Gateway, client: httpx.AsyncClient, registry: Recorder
) -> None:
    async def baking(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await answer(send, 200, b"{}", [(b"set-cookie", b"a=1; Path=/")])

    registry.acts["/v1/events/baking"] = baking
    upstream = gateway.app.state.routing.upstreams["registry"]
    before = upstream.addresses[0].url
    # nobody keeps cookies of bare IP addresses
    upstream.move([before.replace("127.0.0.1", "localhost")])
    await client.get("/v1/events/baking")
    async with httpx.AsyncClient(base_url=client.base_url) as other:
        await other.get("/v1/cooperatives/cookies")
    upstream.move([before])
    assert registry.last("/v1/cooperatives/cookies").header(b"cookie") is None
