"""What arrives at a service is what was sent, to the byte."""

import asyncio
import gzip
import json

import httpx
import pytest

from tests.gateway.world import Gateway, Recorder, lines, raw


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
    seen = [one for one in registry.seen if one.target.startswith(b"/v1/")]  # events come, too
    assert seen[-1].target == target


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


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [b"Host: api.mboolo.example", b"Host: api.mboolo.example"],
        [b"Host: api.mboolo.example", b"host: evil.example"],
        [b"Host: a.example, b.example/"],
        [b"Host: user@a.example"],
        [b"Host: http://a.example"],
        [b"Host: a.example:80:80"],
        [b"Host: a b"],
        [b"Host: [::1"],
        [b"Host: \xc3\xa9.example"],
    ],
    ids=lambda hosts: b" ".join(hosts).decode("latin-1") or "none",
)
@pytest.mark.parametrize("path", [b"/health/live", b"/v1/cooperatives", b"/oauth2/account"])
async def test_a_request_that_does_not_say_for_whom_it_is_is_refused(
    gateway: Gateway, hosts: list[bytes], path: bytes
) -> None:
    """RFC 9112 §3.2: a server MUST answer 400."""
    told = b"".join(host + b"\r\n" for host in [b"Connection: close", *hosts])
    answered = await raw(gateway.port, b"GET " + path + b" HTTP/1.1\r\n" + told + b"\r\n")
    head, _, body = answered.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400"), answered
    assert b"application/problem+json" in head
    found = json.loads(body)
    assert (found["code"], found["errors"][0]["header"]) == ("MALFORMED_REQUEST", "Host")
    assert b"evil" not in body


@pytest.mark.parametrize(
    "head",
    [
        b"GET /health/live HTTP/1.0\r\n",
        b"GET /health/live HTTP/1.0\r\nHost: x\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: [2001:db8::1]:8000\r\nConnection: close\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n",
        b"GET /health/live HTTP/1.1\r\nHost:\r\nConnection: close\r\n",
        b"GET /health/live HTTP/1.1\r\nhOsT:  api.example:443 \r\nConnection: close\r\n",
    ],
)
async def test_who_says_it_once_is_answered(gateway: Gateway, head: bytes) -> None:
    """HTTP/1.0 knew no Host."""
    answered = await raw(gateway.port, head + b"\r\n")
    assert answered.split(b" ")[1] == b"200", answered


async def test_two_hosts_in_a_later_request_end_the_connection(gateway: Gateway) -> None:
    good = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(good)
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.write(b"GET /v1/me HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + good)
    rest = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert rest.count(b"HTTP/1.1 400") == 1
    assert b"HTTP/1.1 200" not in rest


@pytest.mark.parametrize("body", [b"{}", b""])
async def test_a_request_that_comes_in_one_piece_with_the_end_of_another_is_whole(
    gateway: Gateway, body: bytes
) -> None:
    # refused before its body has come: the body and the next request then arrive together
    bearer = b"Authorization: Bearer " + (await gateway.token("instructor")).encode() + b"\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    first = b"POST /v1/organisations HTTP/1.1\r\nHost: x\r\n" + bearer
    writer.write(first + b"Content-Length: %d\r\n\r\n" % len(body))
    refused = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    assert refused.startswith(b"HTTP/1.1 403")
    second = b"GET /v1/me HTTP/1.1\r\nHost: x\r\n" + bearer
    writer.write(body + second + b"\r\n" + second + b"Connection: close\r\n\r\n")
    answered = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert answered.count(b"HTTP/1.1 200") == 2, answered
