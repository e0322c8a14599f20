"""What a service is told, what it is not told, and who it learns is calling."""

import re
import time

import httpx

from chassis import jose
from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP
from chassis.keys import public_jwk
from gateway.plane.headers import inward
from tests.gateway.world import Gateway, Recorder, lines, raw

# What the gateway says to a service about each request.
SAID = {b"host", b"x-request-id", b"traceparent", b"x-request-deadline-ms"}


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
        b"X-Request-Deadline-Ms: 86400000",
        b"Forwarded: for=10.0.0.1",
        b"Via: 1.0 evil",
        b"Cookie: session=1",
        b"Proxy-Authorization: Basic eDp5",
        b"Authorization: Bearer " + (await gateway.token("instructor")).encode(),
    )
    assert (await raw(gateway.port, sent)).startswith(b"HTTP/1.1 200")
    seen = registry.last("/v1/cooperatives/identity")
    names = {name for name, _ in seen.headers}
    assert names == {*SAID, b"authorization"}
    assert seen.header(b"x-request-deadline-ms") == b"1000"  # what this gateway waits
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
    assert names == {*SAID, b"x-thrice"}


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
        if name not in SAID
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
    gateway: Gateway, client: httpx.AsyncClient, registry: Recorder
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    told = {"X-Request-Id": "follow-me.1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    told |= await gateway.bearer("registrar")
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


def test_a_key_that_stays_here_is_none_for_the_service() -> None:
    """What would be asked again for its sake would be done twice."""
    key = (b"idempotency-key", b"k")
    lines_sent, told = inward([key, (b"connection", b"close, Idempotency-Key")])
    assert lines_sent == []
    assert b"idempotency-key" not in told
    assert inward([key, (b"connection", b"close")])[1][b"idempotency-key"] == [b"k"]
