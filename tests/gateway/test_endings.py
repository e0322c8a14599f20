"""Whoever leaves, stops or breaks off is noticed on the other side, and nothing is sent twice."""

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway.plane.passage import Passage
from gateway.plane.protocol import GatewayProtocol
from tests.gateway.world import Gateway, Recorder, answer, read_all
from tests.town import problem

MEGABYTE = 1_048_576


async def begin(send: Send, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})


def body(chunk: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


def waiting(left: asyncio.Event, started: asyncio.Event) -> Any:
    async def act(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        started.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    return act


@pytest.mark.parametrize("sent", [b"", b"Content-Length: 2\r\n\r\n{}"])
async def test_a_caller_who_leaves_ends_the_call_behind(
    waiting_port: int, registry: Recorder, sent: bytes
) -> None:
    left, started = asyncio.Event(), asyncio.Event()
    path = f"/v1/filings/{uuid4()}"
    registry.acts[path] = waiting(left, started)
    _, writer = await asyncio.open_connection("127.0.0.1", waiting_port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode() + (sent or b"\r\n"))
    await asyncio.wait_for(started.wait(), 30)
    assert not left.is_set()
    writer.close()
    await asyncio.wait_for(left.wait(), 10)  # well before any time-out


async def test_a_caller_who_leaves_leaves_nothing_for_the_collector(
    waiting_port: int, registry: Recorder
) -> None:
    """A body of a caller who left, kept until the collector comes round, is memory that grows."""
    gc.collect()
    gc.disable()
    before = carried()  # of callers who are still there
    try:
        await test_a_caller_who_leaves_ends_the_call_behind(waiting_port, registry, b"")
        async with asyncio.timeout(30):
            while carried().keys() - before:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        gc.enable()


def carried() -> dict[int, object]:
    """All connections and requests that there are, by their place; held, so that none takes the
    place of another."""
    return {id(one): one for one in gc.get_objects() if isinstance(one, Passage | GatewayProtocol)}


async def test_a_caller_who_leaves_in_the_middle_of_an_upload_ends_the_call_behind(
    waiting_port: int, registry: Recorder
) -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        message: Message = {}
        while message.get("type") != "http.disconnect" and message.get("more_body", True):
            message = await receive()
            started.set()
        assert message["type"] == "http.disconnect"
        ended.set()

    registry.acts["/v1/documents/broken"] = taking
    _, writer = await asyncio.open_connection("127.0.0.1", waiting_port)
    head = b"POST /v1/documents/broken HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    writer.write(head + b"x" * 100_000)
    await asyncio.wait_for(started.wait(), 30)
    writer.close()
    await asyncio.wait_for(ended.wait(), 10)


@pytest.mark.parametrize("length", [b"100", b"3"])
async def test_to_a_caller_who_left_nothing_is_answered(
    gateway: Gateway, registry: Recorder, length: bytes
) -> None:
    path = b"/v1/documents/left-" + length
    registry.acts[path.decode()] = waiting(asyncio.Event(), asyncio.Event())
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: %b\r\n\r\n" % (path, length)
    writer.write(head + b"abc")
    await asyncio.sleep(0.05)
    writer.write_eof()  # it can still read
    assert await asyncio.wait_for(reader.read(), 30) == b""
    writer.close()


async def test_a_service_that_is_slow_to_answer_is_given_up(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    left = asyncio.Event()
    registry.acts["/v1/filings/slow"] = waiting(left, asyncio.Event())
    found = await client.get("/v1/filings/slow", headers={"Accept-Language": "en"})
    told = problem(found)
    assert (found.status_code, told["code"]) == (504, "GATEWAY_TIMEOUT")
    assert told["detail"].startswith("The registry service did not answer in time")
    await asyncio.wait_for(left.wait(), 30)


async def test_an_answer_that_stops_is_left_unfinished(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    async def stopping(scope: Scope, receive: Receive, send: Send) -> None:
        await begin(send, (b"content-length", b"100"))
        await send(body(b"half"))
        await asyncio.sleep(5)

    registry.acts["/v1/events/stopping"] = stopping
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/v1/events/stopping")


async def breaking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A service that reads a request and hangs up, with half an answer if it is asked to."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b"/half" in head:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
    if b"/nonsense" in head:
        writer.write(b"220 smtp.example ready\r\n\r\n")
        await writer.drain()
    writer.close()


@pytest.fixture
async def breakings(gateway: Gateway) -> AsyncIterator[list[bytes]]:
    """The requests that reached a service which breaks, in financing's place meanwhile."""
    heads: list[bytes] = []

    async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(b"request")
        await breaking(reader, writer)

    upstream = gateway.app.state.routing.upstreams["financing"]
    before = [address.url for address in upstream.addresses]
    server = await asyncio.start_server(noting, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    upstream.move([f"http://127.0.0.1:{port}"])
    yield heads
    upstream.move(before)
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("method", ["POST", "PATCH", "PURGE"])
async def test_what_is_not_idempotent_is_never_sent_twice(
    client: httpx.AsyncClient, breakings: list[bytes], method: str
) -> None:
    found = await client.request(method, "/v1/offers/1")
    assert found.status_code == 503
    assert len(breakings) == 1


async def test_half_an_answer_is_not_taken_for_a_whole_one(
    client: httpx.AsyncClient, breakings: list[bytes]
) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/v1/offers/half")
    assert len(breakings) == 1


async def test_an_answer_that_is_not_http_is_no_answer(
    client: httpx.AsyncClient, breakings: list[bytes]
) -> None:
    found = await client.get("/v1/offers/nonsense")
    assert problem(found)["code"] == "SERVICE_UNAVAILABLE"


async def test_an_early_refusal_does_not_spoil_the_connection_for_others(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 413, b"{}")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 65_536
            await asyncio.sleep(0)

    registry.acts["/v1/documents/refusing"] = refusing
    for _ in range(3):
        try:
            found = await client.post("/v1/documents/refusing", content=endless())
            assert found.status_code == 413
        except httpx.NetworkError:  # the gateway may hang up on what nobody reads
            pass
        after = await client.post("/v1/filings/after", content=b"{}")
        assert (after.status_code, registry.last("/v1/filings/after").body) == (200, b"{}")
