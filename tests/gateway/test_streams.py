"""Chunks move as they come, as far as they are let."""

import asyncio
import json
import resource
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from chassis.transport import FastTransport
from tests.gateway.world import Gateway, Recorder, answer, lines, raw, read_all

MEGABYTE = 1_048_576


async def begin(send: Send, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})


def body(chunk: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


async def test_the_first_byte_arrives_before_the_last_is_written(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    first_was_read = asyncio.Event()

    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        await begin(send, (b"content-type", b"text/event-stream"))
        await send(body(b"first"))
        await asyncio.wait_for(first_was_read.wait(), 30)
        await send(body(b"second", more=False))

    registry.acts["/v1/events/slowly"] = slowly
    async with client.stream("GET", "/v1/events/slowly") as found:
        chunks = found.aiter_raw()
        assert await anext(chunks) == b"first"
        first_was_read.set()
        assert b"".join([chunk async for chunk in chunks]) == b"second"


async def test_a_large_answer_is_not_held(client: httpx.AsyncClient, registry: Recorder) -> None:
    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await begin(send, (b"content-length", str(200 * MEGABYTE).encode()))
        for n in range(200):
            await send(body(bytes([n % 256]) * MEGABYTE, more=n < 199))

    registry.acts["/v1/exports/large"] = large
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    length = 0
    async with client.stream("GET", "/v1/exports/large") as found:
        async for chunk in found.aiter_raw():
            length += len(chunk)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert length == 200 * MEGABYTE
    assert grown_kb < 40 * 1024  # client, gateway and service together, all in this process


async def test_a_caller_who_reads_slowly_slows_the_service(
    gateway: Gateway, registry: Recorder
) -> None:
    written = 0

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal written
        await begin(send)
        for n in range(100):
            await send(body(b"x" * MEGABYTE, more=n < 99))
            written += 1

    registry.acts["/v1/exports/unread"] = large
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /v1/exports/unread HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.read(1)
    await asyncio.sleep(0.4)
    assert written < 30  # what fits into the buffers of four sockets
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("way", [b"exports", b"cooperatives"])
async def test_a_caller_who_reads_slowly_and_reads_on_gets_everything(
    gateway: Gateway, registry: Recorder, way: bytes
) -> None:
    """Its service is silent only because we hold it back."""
    size = 24 * MEGABYTE  # more than fits into the buffers of four sockets

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await begin(send, (b"content-length", str(size).encode()))
        for n in range(24):
            await send(body(b"x" * MEGABYTE, more=n < 23))

    registry.acts[f"/v1/{way.decode()}/patient"] = large
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /v1/%b/patient HTTP/1.1\r\nHost: x\r\n\r\n" % way)
    await reader.readuntil(b"\r\n\r\n")
    taken = 0
    for _ in range(30):  # three times as long as anybody may be silent here
        taken += len(await reader.readexactly(512))
        await asyncio.sleep(0.1)
    assert taken + len(await reader.readexactly(size - taken)) == size
    writer.close()
    await writer.wait_closed()


async def test_an_upload_arrives_while_it_is_being_sent(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    first_arrived = asyncio.Event()

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        first_arrived.set()
        rest = await read_all(receive) if message.get("more_body") else b""
        await answer(send, 200, message["body"] + rest)

    async def giving() -> AsyncIterator[bytes]:
        yield b"first," * 20_000  # more than is waited for
        await asyncio.wait_for(first_arrived.wait(), 30)
        yield b"second"

    registry.acts["/v1/documents/taking"] = taking
    found = await client.post("/v1/documents/taking", content=giving())
    assert found.content == b"first," * 20_000 + b"second"


async def test_a_body_that_comes_slowly_occupies_no_service(
    gateway: Gateway, registry: Recorder
) -> None:
    is_asked = asyncio.Event()

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        is_asked.set()
        await answer(send, 200, await read_all(receive))

    registry.acts["/v1/filings/pieces"] = noting
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = b"POST /v1/filings/pieces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    writer.write(head + b"Content-Length: 3\r\n\r\na")
    await asyncio.sleep(0.3)
    assert not is_asked.is_set()
    writer.write(b"bc")
    assert (await asyncio.wait_for(reader.read(), 10)).endswith(b"abc")
    writer.close()
    await writer.wait_closed()


async def test_a_body_that_stops_is_its_senders_fault(gateway: Gateway) -> None:
    sent = lines(b"POST", b"/v1/filings/stops", b"Content-Length: 3", body=b"a")
    answered = await raw(gateway.port, sent)
    assert answered.startswith(b"HTTP/1.1 408")
    assert b"REQUEST_TIMEOUT" in answered


async def test_a_large_upload_arrives_whole(client: httpx.AsyncClient, registry: Recorder) -> None:
    sent = bytes(range(256)) * 4 * 1024 * 20
    assert (await client.post("/v1/documents/large", content=sent)).status_code == 200
    assert registry.last("/v1/documents/large").body == sent


async def test_a_body_announced_too_large_never_leaves_for_its_service(
    gateway: Gateway, registry: Recorder
) -> None:
    limit = gateway.app.state.settings.upstream_body_bytes
    head = b"POST /v1/documents/huge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    found = await raw(gateway.port, head + b"Content-Length: %d\r\n\r\nx" % (limit + 1))
    assert found.startswith(b"HTTP/1.1 413")
    assert b"BODY_TOO_LARGE" in found
    assert registry.count("/v1/documents/huge") == 0


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_who_is_refused_while_they_send_can_read_why(
    gateway: Gateway, version: bytes
) -> None:
    """RFC 9112 §9.6: who closes on unread bytes takes the answer back."""
    limit = gateway.app.state.settings.upstream_body_bytes
    head = b"POST /v1/documents/huge HTTP/%b\r\nHost: x\r\nConnection: close\r\n" % version
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(head + b"Content-Length: %d\r\n\r\n" % (limit + 1))
    for _ in range(20):
        writer.write(b"x" * MEGABYTE)
        await writer.drain()
        await asyncio.sleep(0.01)
    found = await asyncio.wait_for(reader.read(), 30)
    assert found.startswith(b"HTTP/1.1 413")
    assert b"BODY_TOO_LARGE" in found
    writer.close()


async def test_a_body_that_grows_too_large_is_refused_on_its_way(
    gateway: Gateway, registry: Recorder
) -> None:
    left = asyncio.Event()

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    registry.acts["/v1/documents/growing"] = taking
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = b"POST /v1/documents/growing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head)
    for _ in range(25):
        writer.write(b"100000\r\n" + b"x" * MEGABYTE + b"\r\n")
        await writer.drain()
    found = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    assert found.startswith(b"HTTP/1.1 413")
    await asyncio.wait_for(left.wait(), 30)
    writer.close()


async def test_the_gateway_itself_reads_little(gateway: Gateway) -> None:
    head = b"POST /internal/v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += b"X-JWS-Signature: e30..e30\r\n"  # without one, nothing is read at all
    found = await raw(gateway.port, head + b"Content-Length: 1048577\r\n\r\nx")
    assert found.startswith(b"HTTP/1.1 413")


async def test_an_answer_longer_than_the_patience_passes_while_it_moves(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    async def ticking(scope: Scope, receive: Receive, send: Send) -> None:
        await begin(send)
        for n in range(4):
            await send(body(b"tick", more=n < 3))
            await asyncio.sleep(0.4)

    registry.acts["/v1/events/ticking"] = ticking
    found = await client.get("/v1/events/ticking")
    assert found.content == b"tick" * 4


async def test_under_load_nobody_gets_the_answer_of_another(
    gateway: Gateway, registry: Recorder
) -> None:
    async def echoing(scope: Scope, receive: Receive, send: Send) -> None:
        sent = await read_all(receive)
        await asyncio.sleep(len(sent) % 7 / 1000)
        await answer(send, 200, sent)

    registry.acts["/v1/filings/echo"] = echoing

    async def ask(client: httpx.AsyncClient, n: int) -> bool:
        mine = json.dumps({"n": n, "padding": "é" * (n % 97)}).encode()
        found = await client.post("/v1/filings/echo", content=mine)
        return found.content == mine

    transport = FastTransport(connections=40, connect_s=10)
    async with httpx.AsyncClient(base_url=gateway.url, transport=transport, timeout=60) as client:
        outcomes = await asyncio.gather(*(ask(client, n) for n in range(400)))
    assert outcomes == [True] * 400


async def test_a_connection_serves_one_request_after_the_other(registry: Recorder) -> None:
    callers = set()

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        callers.add(scope["client"])
        await answer(send, 200, await read_all(receive) or b"nothing")

    registry.acts["/v1/filings/noting"] = noting
    transport = FastTransport(connections=4, connect_s=2)
    async with httpx.AsyncClient(base_url=registry.url, transport=transport) as client:
        for content in (b"", b"{}", b"x" * MEGABYTE, b"{}", b""):
            await client.post("/v1/filings/noting", content=content)
    assert len(callers) == 1
