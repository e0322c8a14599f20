"""Coded answers as callers of a running gateway meet them."""

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import brotli
import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway.world import Gateway, Recorder, answer, read_all

BODY = b'{"items": [%s]}' % b", ".join([b'{"name": "Diende"}'] * 200)
PUBLIC = (b"cache-control", b"public, max-age=60")
JSON = (b"content-type", b"application/json")
READ: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "identity": bytes,
}


def versioned(cache_control: bytes) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """A thing at version 7, which takes a change from whoever names that version."""

    async def act(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        told = dict(scope["headers"])
        said = [(b"etag", b'"7"'), (b"cache-control", cache_control)]
        if scope["method"] == "PATCH":
            await answer(send, 200 if told.get(b"if-match") == b'"7"' else 412, b"{}")
        elif told.get(b"if-none-match") == b'"7"':
            await send({"type": "http.response.start", "status": 304, "headers": said})
            await send({"type": "http.response.body", "body": b""})
        else:
            await answer(send, 200, BODY, [*said, JSON])

    return act


@pytest.fixture
def thing(registry: Recorder) -> str:
    registry.acts["/v1/cooperatives/coded"] = versioned(PUBLIC[1])
    return "/v1/cooperatives/coded"


async def asked(
    client: httpx.AsyncClient, path: str, coding: str, method: str = "GET", **headers: str
) -> tuple[httpx.Response, bytes]:
    """The answer, and its body as it came."""
    told = {"Accept-Encoding": coding, **{k.replace("_", "-"): v for k, v in headers.items()}}
    async with client.stream(method, path, headers=told) as answered:
        raw = b"".join([part async for part in answered.aiter_raw()])
    return answered, raw


@pytest.fixture
async def plain(gateway: Gateway) -> Any:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=10) as found:
        yield found


@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_a_public_answer_is_coded(plain: httpx.AsyncClient, thing: str, coding: str) -> None:
    answered, raw = await asked(plain, thing, coding)
    assert answered.headers["content-encoding"] == coding
    assert "accept-encoding" in answered.headers["vary"].lower()
    assert READ[coding](raw) == BODY
    assert len(raw) < len(BODY) / 10
    assert {"ratelimit", "x-request-id", "x-content-type-options"} <= set(answered.headers)


async def test_whoever_does_not_ask_gets_it_as_it_is(plain: httpx.AsyncClient, thing: str) -> None:
    answered, raw = await asked(plain, thing, "identity")
    assert (raw, answered.headers["content-length"]) == (BODY, str(len(BODY)))
    assert answered.headers["etag"] == '"7"'
    assert "content-encoding" not in answered.headers
    assert "accept-encoding" in answered.headers["vary"].lower()


async def test_head_says_what_get_says(plain: httpx.AsyncClient, thing: str) -> None:
    for coding in ("br", "gzip", "identity"):
        got, _ = await asked(plain, thing, coding)
        head, raw = await asked(plain, thing, coding, "HEAD")
        assert raw == b""
        for name in ("content-encoding", "etag", "vary", "content-type", "cache-control"):
            assert head.headers.get(name) == got.headers.get(name)
        assert head.headers.get("content-length") == got.headers.get("content-length")


async def test_each_coding_has_a_strong_validator_of_its_own(
    plain: httpx.AsyncClient, thing: str
) -> None:
    tags = {
        (await asked(plain, thing, coding))[0].headers["etag"]
        for coding in ("br", "gzip", "identity")
    }
    assert tags == {'"7"', '"07"', '"007"'}


@pytest.mark.parametrize("coding", ["gzip", "br", "identity"])
async def test_what_is_held_is_not_sent_again(
    plain: httpx.AsyncClient, thing: str, coding: str
) -> None:
    tag = (await asked(plain, thing, coding))[0].headers["etag"]
    again, raw = await asked(plain, thing, coding, If_None_Match=tag)
    assert (again.status_code, raw, again.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("coding", ["gzip", "br", "identity"])
async def test_a_change_may_name_the_version_in_any_coding(
    plain: httpx.AsyncClient, thing: str, coding: str
) -> None:
    tag = (await asked(plain, thing, coding))[0].headers["etag"]
    for tried, status in ((tag, 200), (tag.replace("7", "6"), 412)):
        changed = await plain.patch(thing, json={}, headers={"If-Match": tried})
        assert changed.status_code == status


async def test_a_private_answer_is_never_squeezed(
    plain: httpx.AsyncClient, registry: Recorder
) -> None:
    registry.acts["/v1/filings/secret"] = versioned(b"private, no-store")
    answered, raw = await asked(plain, "/v1/filings/secret", "br, gzip")
    assert (raw, answered.headers["etag"]) == (BODY, '"7"')
    assert not {"content-encoding", "accept-encoding"} & set(answered.headers)


@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_a_stream_arrives_part_by_part(
    plain: httpx.AsyncClient, registry: Recorder, coding: str
) -> None:
    more = asyncio.Event()

    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await send({"type": "http.response.start", "status": 200, "headers": [PUBLIC, JSON]})
        await send({"type": "http.response.body", "body": b'["first",', "more_body": True})
        await more.wait()
        await send({"type": "http.response.body", "body": b'"last"]'})

    registry.acts["/v1/cooperatives/slow"] = slowly
    read = b""
    async with plain.stream(
        "GET", "/v1/cooperatives/slow", headers={"Accept-Encoding": coding}
    ) as answered:
        async for part in answered.aiter_bytes():
            read += part
            if read:
                assert more.is_set() or read == b'["first",'
                more.set()
    assert read == b'["first","last"]'


async def test_the_merged_contract_is_coded_too(plain: httpx.AsyncClient) -> None:
    _, whole = await asked(plain, "/v1/openapi.json", "identity")
    answered, raw = await asked(plain, "/v1/openapi.json", "br")
    assert brotli.decompress(raw) == whole
    assert answered.headers["content-encoding"] == "br"


async def test_http_1_0_has_no_way_to_end_what_has_no_length(gateway: Gateway, thing: str) -> None:
    def speak() -> bytes:
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as line:
            line.sendall(f"GET {thing} HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n".encode())
            return b"".join(iter(lambda: line.recv(65_536), b""))

    head, _, body = (await asyncio.to_thread(speak)).partition(b"\r\n\r\n")
    assert body == BODY
    assert b"content-encoding" not in head.lower()
