"""What arrives at a service is what was sent, to the byte, except who sent it."""

import gzip
import re
import time

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from chassis import jose
from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP
from chassis.keys import public_jwk
from tests.gateway.world import App, Gateway, Recorder, answer, raw, read_all
from tests.town import problem

HEAD = b"Host: somewhere.example\r\nConnection: close\r\n"


def lines(method: bytes, target: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    first = b"%s %s HTTP/1.1\r\n" % (method, target)
    told = b"".join(header + b"\r\n" for header in headers)
    return first + HEAD + told + b"\r\n" + body


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/cooperatives/a%2Fb",
        b"/v1/cooperatives/%C3%A9t%c3%a9",
        b"/v1/cooperatives/%41%7e%2d",
        b"/v1/cooperatives//double//slash/",
        b"/v1/cooperatives/trailing/",
        b"/v1/cooperatives?b=2&a=1&b=3&=&&c",
        b"/v1/cooperatives?q=Femmes%20de+Diend%C3%A9&x=%26%3D%23",
        b"/v1/cooperatives?q=a%2fb/c?d&e=[1]&f='%22",
        b"/v1/cooperatives?near=14.69,-17.44,25km;v=1|2",
        b"/v1/cooperatives/'(a)*!~;b=1,2$@:",
        b"/v1/cooperatives?" + b"x" * 6_000,
    ],
)
async def test_the_address_is_not_touched(
    gateway: Gateway, registry: Recorder, target: bytes
) -> None:
    answered = await raw(gateway.port, lines(b"GET", target))
    assert answered.startswith(b"HTTP/1.1 200"), answered
    assert registry.seen[-1].target == target


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/cooperatives/../../internal/v1/jwks",
        b"/v1/cooperatives/%2e%2E/%2e./internal/v1/events",
        b"/v1/./cooperatives",
        b"/v1/cooperatives/..",
        b"//v1/cooperatives",
        b"/v1//cooperatives",
        b"/V1/cooperatives",
        b"/v1/%63ooperatives",
        b"/v1/cooperativess",
        b"/v1/internal/v1/jwks",
        b"/v1",
        b"/v1/",
        b"/internal/v1/anything",
        b"/v1/verifications/X7KQ2M9XD4TBW",
        b"/v1/signing-keys/gw-1",
        b"/v1/statistics",
    ],
)
async def test_what_is_no_address_of_a_service_never_reaches_one(
    gateway: Gateway, services: dict[str, Recorder], target: bytes
) -> None:
    before = [len(recorder.seen) for recorder in services.values()]
    answered = await raw(gateway.port, lines(b"GET", target))
    assert answered.startswith(b"HTTP/1.1 404"), answered
    assert b'"code": "NOT_FOUND"' in answered
    assert [len(recorder.seen) for recorder in services.values()] == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "body",
    [
        '{"name":  "Coopérative  d\'été & fils",\t"x" : 1.0,\r\n"y":1e2 }\n'.encode(),
        b"\xff\x00\xfe not JSON at all",
        b'{"a": "\\u00e9", "a": "\xc3\xa9"}',
        b"0",
        gzip.compress(b'{"zipped": true}'),
    ],
    ids=["odd spacing", "bytes", "doubled key", "one byte", "gzip"],
)
async def test_the_body_is_not_touched(
    client: httpx.AsyncClient, registry: Recorder, method: str, body: bytes
) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8", "Content-Encoding": "gzip"}
    sent = await client.request(method, "/v1/filings/body", content=body, headers=headers)
    assert sent.status_code == 200
    seen = registry.last("/v1/filings/body")
    assert (seen.method, seen.body) == (method, body)
    assert seen.header(b"content-length") == str(len(body)).encode()
    assert seen.header(b"content-type") == b"application/json; charset=utf-8"
    assert seen.header(b"content-encoding") == b"gzip"
    assert seen.header(b"transfer-encoding") is None


async def test_a_body_of_unknown_length_passes(
    gateway: Gateway, client: httpx.AsyncClient, registry: Recorder
) -> None:
    sent = lines(
        b"POST",
        b"/v1/filings/chunked",
        b"Transfer-Encoding: chunked",
        body=b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
    )
    assert (await raw(gateway.port, sent)).startswith(b"HTTP/1.1 200")
    assert registry.last("/v1/filings/chunked").body == b"abcdefg"


async def test_a_post_without_a_body_stays_without(gateway: Gateway, registry: Recorder) -> None:
    for headers in ([], [b"Content-Length: 0"]):
        await raw(gateway.port, lines(b"POST", b"/v1/filings/1/submissions", *headers))
        seen = registry.last("/v1/filings/1/submissions")
        assert (seen.body, seen.header(b"content-length")) == (b"", b"0")
        assert seen.header(b"transfer-encoding") is None
        assert seen.header(b"content-type") is None


async def test_a_request_with_two_lengths_is_refused(gateway: Gateway, registry: Recorder) -> None:
    sent = lines(
        b"POST",
        b"/v1/filings/smuggled",
        b"Content-Length: 5",
        b"Transfer-Encoding: chunked",
        body=b"0\r\n\r\nGET /v1/filings/smuggled HTTP/1.1\r\n\r\n",
    )
    assert (await raw(gateway.port, sent)).startswith(b"HTTP/1.1 400")
    assert registry.count("/v1/filings/smuggled") == 0


async def test_nobody_can_say_who_they_are_but_by_their_token(
    gateway: Gateway, registry: Recorder
) -> None:
    sent = lines(
        b"GET",
        b"/v1/cooperatives/identity",
        b"X-Internal-User: admin",
        b"x-internal-scope: platform:admin",
        b"X-Forwarded-For: 10.0.0.1",
        b"X-Forwarded-Host: evil.example",
        b"X-Forwarded-User: admin",
        b"X-Real-IP: 10.0.0.1",
        b"Forwarded: for=10.0.0.1",
        b"Via: 1.0 evil",
        b"Cookie: session=1",
        b"Proxy-Authorization: Basic eDp5",
        b"Authorization: Bearer " + (await gateway.token("instructor")).encode(),
    )
    assert (await raw(gateway.port, sent)).startswith(b"HTTP/1.1 200")
    seen = registry.last("/v1/cooperatives/identity")
    names = {name for name, _ in seen.headers}
    assert names == {b"host", b"x-request-id", b"traceparent", b"authorization"}
    assert seen.header(b"host") == registry.url.removeprefix("http://").encode()


async def test_what_concerns_one_connection_stays_there(
    gateway: Gateway, registry: Recorder
) -> None:
    sent = (
        b"GET /v1/cooperatives/hops HTTP/1.1\r\nHost: x\r\nKeep-Alive: timeout=5\r\n"
        b"Connection: close, X-Once ,x-twice\r\nX-Once: 1\r\nX-Twice: 2\r\nX-Thrice: 3\r\n"
        b"TE: trailers\r\nTrailer: X-Sum\r\nUpgrade: h2c\r\nProxy-Connection: close\r\n\r\n"
    )
    await raw(gateway.port, sent)
    seen = registry.last("/v1/cooperatives/hops")
    names = {name for name, _ in seen.headers}
    assert names == {b"host", b"x-request-id", b"traceparent", b"x-thrice"}


async def test_other_headers_arrive_as_they_were_sent(gateway: Gateway, registry: Recorder) -> None:
    sent = lines(
        b"GET",
        b"/v1/cooperatives/others",
        b"Idempotency-Key: 7c1b",
        b'If-Match: "7"',
        b"Accept-Language: en;q=0.8, fr",
        b"Accept-Encoding: br",
        b"X-Many: one",
        b"X-Many: two",
        b"X-Name: \xc3\x89t\xc3\xa9",
        b"User-Agent: bench/1  (double  space)",
        b"x-jws-signature: a..b",
    )
    await raw(gateway.port, sent)
    kept = [
        (name, value)
        for name, value in registry.last("/v1/cooperatives/others").headers
        if name not in (b"host", b"x-request-id", b"traceparent")
    ]
    assert kept == [
        (b"idempotency-key", b"7c1b"),
        (b"if-match", b'"7"'),
        (b"accept-language", b"en;q=0.8, fr"),
        (b"accept-encoding", b"br"),
        (b"x-many", b"one"),
        (b"x-many", b"two"),
        (b"x-name", b"\xc3\x89t\xc3\xa9"),
        (b"user-agent", b"bench/1  (double  space)"),
        (b"x-jws-signature", b"a..b"),
    ]


async def test_a_header_in_no_known_alphabet_is_refused(gateway: Gateway) -> None:
    sent = lines(b"GET", b"/v1/cooperatives", b"X-Name: \xff\xfe")
    answered = await raw(gateway.port, sent)
    assert answered.startswith(b"HTTP/1.1 400")
    assert b"MALFORMED_REQUEST" in answered


async def test_one_trace_and_one_request_id_from_caller_to_service(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    told = {"X-Request-Id": "follow-me.1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    answered = await client.get("/v1/cooperatives/traced", headers=told)
    seen = registry.last("/v1/cooperatives/traced")
    assert seen.header(b"x-request-id") == b"follow-me.1"
    assert answered.headers["x-request-id"] == "follow-me.1"
    spans = re.fullmatch(
        rb"00-([0-9a-f]{32})-([0-9a-f]{16})-01", seen.header(b"traceparent") or b""
    )
    assert spans is not None
    assert spans[1].decode() == trace
    assert spans[2] != b"00f067aa0ba902b7"


async def test_a_request_id_that_could_write_into_a_log_is_replaced(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    answered = await client.get("/v1/cooperatives/rid", headers={"X-Request-Id": 'a"b c'})
    seen = registry.last("/v1/cooperatives/rid").header(b"x-request-id") or b""
    assert re.fullmatch(rb"[0-9a-f]{32}", seen)
    assert answered.headers["x-request-id"] == seen.decode()


async def test_without_a_token_nothing_says_who_calls(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    await client.get("/v1/cooperatives/public")
    assert registry.last("/v1/cooperatives/public").header(b"authorization") is None


async def test_a_service_learns_who_calls_from_a_token_made_for_it(
    gateway: Gateway, client: httpx.AsyncClient, services: dict[str, Recorder]
) -> None:
    bearer = await gateway.bearer("instructor")
    for path, name in (("/v1/filings/who", "registry"), ("/v1/programmes/who", "training")):
        await client.get(path, headers=bearer)
        scheme, _, token = (services[name].last(path).header(b"authorization") or b"").partition(
            b" "
        )
        assert scheme == b"Bearer"
        assert token.decode() != await gateway.token("instructor")
        keys = jose.LocalKeys([public_jwk(gateway.private)])
        expected = jose.Expected(INTERNAL_TYP, GATEWAY_ISSUER, name)
        claims = await jose.verify(token.decode(), keys, expected)
        entry = gateway.entry("instructor")
        assert claims.keys() == {
            *("iss", "aud", "sub", "client_id", "org", "scope", "roles", "territory"),
            *("lender_id", "jti", "iat", "exp"),
        }
        assert set(claims["scope"].split()) == set(entry["scope"].split())
        assert (claims["sub"], claims["org"]) == (entry["sub"], entry["organisation_id"])
        assert (claims["roles"], claims["territory"]) == (["instructor"], ["SN"])
        assert claims["lender_id"] is None
        assert claims["exp"] - claims["iat"] == 60
        assert abs(claims["iat"] - time.time()) < 60


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
