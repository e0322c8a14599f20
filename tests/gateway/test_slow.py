"""Clients who never come to an end; with less patience than in earnest, so that tests need not
wait. Nothing here depends on how fast the machine is: what must end is waited for."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from chassis.app import create_app
from chassis.protocol import Patience
from gateway.app import define
from gateway.plane.protocol import GatewayProtocol
from gateway.settings import GatewaySettings
from tests.gateway.conftest import bound, serving
from tests.gateway.world import Gateway, Recorder, answer, lines, raw, read_all

LONG_S = 60
HEAD = b"POST /v1/filings/%s HTTP/1.1\r\nHost: x\r\n"


# More than a busy machine stands still: who is only slow must not be ended.
HASTY = Patience(look_s=0.1, head_s=4.0, pace_s=4.0, pace_bytes=500, unread_s=4.0, rest_s=4.0)


def hasty_one(*args: Any, **named: Any) -> GatewayProtocol:
    found = GatewayProtocol(*args, **named)
    found.patience = HASTY
    return found


@dataclass
class Served:
    port: int
    server: uvicorn.Server


@pytest.fixture(scope="module")
async def hasty(settings: GatewaySettings) -> AsyncIterator[Served]:
    # ten minutes for a service, so that it is the connection that ends
    changed = settings.model_copy(update={"upstream_silence_s": 600.0})
    found = bound()
    async with serving(create_app(define(changed)), found, "on", hasty_one) as server:
        yield Served(found.getsockname()[1], server)


class Wire:
    """One connection, spoken by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, content: bytes) -> None:
        self._writer.write(content)
        await self._writer.drain()

    @property
    def name(self) -> Any:
        return self._writer.get_extra_info("sockname")

    async def until(self, mark: bytes) -> bytes:
        return await asyncio.wait_for(self._reader.readuntil(mark), LONG_S)

    async def end(self) -> bytes:
        """All that still comes until the other side closes; a reset is an end too."""
        found = b""
        with suppress(ConnectionError):
            while more := await asyncio.wait_for(self._reader.read(65_536), LONG_S):
                found += more
        return found

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def drip(self, content: bytes = b"x") -> bytes:
        """Send `content` again and again until the other side has had enough."""
        ending = asyncio.create_task(self.end())
        while not ending.done():
            await asyncio.sleep(0.05)
            self._writer.write(content)
        return await ending


async def met(server: uvicorn.Server, name: Any) -> Any:
    """The server's side of the connection that comes from there."""
    async with asyncio.timeout(LONG_S):
        while True:
            for one in server.server_state.connections:
                if one.transport and one.transport.get_extra_info("peername") == name:
                    return one
            await asyncio.sleep(0.01)


Connect = Callable[..., Awaitable[Wire]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connections to a port, with the first bytes already sent; all closed in the end."""
    opened: list[Wire] = []

    async def to(port: int, sent: bytes = b"") -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", port))
        opened.append(wire)
        await wire.send(sent)
        return wire

    yield to
    for wire in opened:
        await wire.close()


def refusal(answered: bytes) -> tuple[int, str]:
    head, _, body = answered.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head, answered
    found = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % found["status"])
    return found["status"], found["code"]


SLOW = (408, "REQUEST_TIMEOUT")


def assert_ended_as_slow(answered: bytes) -> None:
    # who still sends when we close may lose what we said: the end itself is what counts
    assert answered == b"" or refusal(answered) == SLOW


async def test_who_says_nothing_is_left_without_a_word(connect: Connect, hasty: Served) -> None:
    assert await (await connect(hasty.port)).end() == b""


@pytest.mark.parametrize("begun", [b"G", b"GET /v1/me HTTP/1.1\r\n", HEAD % b"x" + b"X-A: b"])
async def test_a_head_that_stands_still_is_refused(
    connect: Connect, hasty: Served, begun: bytes
) -> None:
    assert refusal(await (await connect(hasty.port, begun)).end()) == SLOW


async def test_a_head_that_drips_is_refused(connect: Connect, hasty: Served) -> None:
    wire = await connect(hasty.port, b"GET /v1/me HTTP/1.1\r\nX-Slow: ")
    assert_ended_as_slow(await wire.drip())


async def test_empty_lines_do_not_keep_a_connection(connect: Connect, hasty: Served) -> None:
    wire = await connect(hasty.port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    await wire.until(b"}")
    assert await wire.drip(b"\r\n") == b""


async def test_a_later_request_has_no_more_time_than_the_first(
    connect: Connect, hasty: Served
) -> None:
    wire = await connect(hasty.port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    await wire.until(b"}")
    await wire.send(b"GET /health")
    assert refusal(await wire.end()) == SLOW


@pytest.mark.parametrize(
    "how",
    [b"Content-Length: 100\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"],
    ids=["length", "chunked"],
)
async def test_a_body_that_stands_still_is_refused(
    connect: Connect, hasty: Served, how: bytes
) -> None:
    assert refusal(await (await connect(hasty.port, HEAD % b"still" + how)).end()) == SLOW


async def test_a_body_that_stops_midway_is_refused_and_its_service_learns_of_it(
    connect: Connect, hasty: Served, registry: Recorder
) -> None:
    has_left = asyncio.Event()

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        has_left.set()

    registry.acts["/v1/filings/midway"] = taking
    head = HEAD % b"midway" + b"Content-Length: 1000000\r\n\r\n"
    wire = await connect(hasty.port, head + b"x" * 100_000)
    assert refusal(await wire.end()) == SLOW
    await asyncio.wait_for(has_left.wait(), LONG_S)


async def test_a_body_that_drips_is_refused(
    connect: Connect, hasty: Served, registry: Recorder
) -> None:
    head = HEAD % b"drips" + b"Content-Length: 1000000\r\n\r\n"
    assert_ended_as_slow(await (await connect(hasty.port, head)).drip())
    chunked = HEAD % b"drips" + b"Transfer-Encoding: chunked\r\n\r\n"
    assert_ended_as_slow(await (await connect(hasty.port, chunked)).drip(b"1\r\nx\r\n"))


async def test_who_was_answered_before_the_end_is_not_heard_for_ever(
    connect: Connect, hasty: Served
) -> None:
    wire = await connect(
        hasty.port, b"POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n"
    )
    answered = await wire.drip()
    assert answered.startswith(b"HTTP/1.1 405")
    assert answered.count(b"HTTP/1.1") == 1


async def test_what_comes_late_leaves_no_connection_behind(connect: Connect, hasty: Served) -> None:
    wire = await connect(
        hasty.port, b"POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
    )
    await wire.until(b"}")
    await wire.send(b"abc")  # whole, after its answer: nothing follows
    await wire.end()


async def test_who_takes_no_answer_is_left(connect: Connect, hasty: Served) -> None:
    wire = await connect(hasty.port)
    theirs: Any = hasty.server.server_state.connections
    mine = await met(hasty.server, wire.name)
    ask = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    await wire.send(ask * 60)  # more than the buffers of both sides hold
    for _ in range(LONG_S * 10):
        if mine not in theirs:
            break
        await asyncio.sleep(0.1)
    assert mine not in theirs
    await wire.end()


async def test_who_takes_an_answer_slowly_is_not_left(hasty: Served, registry: Recorder) -> None:
    """Less than what the kernel waits for before it takes more from us."""
    size = 16 * 1_048_576

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, b"x" * size)

    registry.acts["/v1/exports/little"] = large
    loop = asyncio.get_running_loop()
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.setblocking(False)
        await loop.sock_connect(line, ("127.0.0.1", hasty.port))
        await loop.sock_sendall(line, b"GET /v1/exports/little HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(100):  # more than twice as long as nothing may be taken
            assert await asyncio.wait_for(loop.sock_recv(line, 2_048), LONG_S)
            await asyncio.sleep(0.1)


async def test_who_takes_an_early_answer_slowly_gets_all_of_it(
    settings: GatewaySettings, registry: Recorder
) -> None:
    """It was said before their body had come; what is still unsent is theirs."""

    async def early(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 422, b"x" * 250_000)

    registry.acts["/v1/exports/early"] = early
    loop, found = asyncio.get_running_loop(), bound()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    async with serving(create_app(define(settings)), found, "on", hasty_one):
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            line.setblocking(False)
            await loop.sock_connect(line, found.getsockname())
            head = b"POST /v1/exports/early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            head += b"Content-Length: 10000000\r\n\r\n"
            await loop.sock_sendall(line, head + b"y" * 70_000)
            taken = 0
            while more := await asyncio.wait_for(loop.sock_recv(line, 8_192), LONG_S):
                taken += len(more)
                with suppress(ConnectionError):
                    await loop.sock_sendall(line, b"y" * 1_000)
                await asyncio.sleep(0.1)
    assert taken > 250_000


@pytest.mark.parametrize(
    "begun",
    [HEAD % b"meanwhile" + b"Content-Length: 1000000\r\n\r\n", b"GET /v1/me HTTP/1.1\r\nX-Slow: "],
    ids=["body", "head"],
)
async def test_who_takes_an_answer_slowly_has_no_more_time_for_the_next_request(
    settings: GatewaySettings, registry: Recorder, begun: bytes
) -> None:
    async def some(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, b"x" * 60_000)  # little enough for us to read on

    def one(*args: Any, **named: Any) -> GatewayProtocol:
        taking = hasty_one(*args, **named)
        taking.patience = replace(HASTY, unread_s=LONG_S)
        return taking

    registry.acts["/v1/exports/some"] = some
    loop, found = asyncio.get_running_loop(), bound()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    # ten minutes for a service, so that it is the connection that ends
    changed = settings.model_copy(update={"upstream_silence_s": 600.0})
    async with serving(create_app(define(changed)), found, "on", one) as server:
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            line.setblocking(False)
            await loop.sock_connect(line, found.getsockname())
            await loop.sock_sendall(line, b"GET /v1/exports/some HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await asyncio.wait_for(loop.sock_recv(line, 1_000), LONG_S)
            await loop.sock_sendall(line, begun)
            [theirs] = server.server_state.connections
            while not theirs.transport.is_closing():
                assert await asyncio.wait_for(loop.sock_recv(line, 1_000), LONG_S)
                await loop.sock_sendall(line, b"x")
                await asyncio.sleep(0.1)
            assert theirs.transport.get_write_buffer_size() > 0  # they had not taken all of it


async def test_a_refusal_can_be_read_though_the_process_ends(hasty: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hasty.port)
    mine = await met(hasty.server, writer.get_extra_info("sockname"))
    writer.write(HEAD % b"huge" + b"Connection: close\r\nContent-Length: 900000000\r\n\r\n")
    async with asyncio.timeout(LONG_S):
        while not mine.is_over:  # noqa: ASYNC110  what happens there sets no event
            await asyncio.sleep(0.005)
    mine.shutdown()
    for _ in range(10):
        writer.write(b"x" * 1_048_576)
        await writer.drain()
        await asyncio.sleep(0.01)
    assert (await asyncio.wait_for(reader.read(), LONG_S)).startswith(b"HTTP/1.1 413")
    writer.close()


async def test_who_waits_for_a_service_is_not_blamed(
    connect: Connect, hasty: Served, registry: Recorder
) -> None:
    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(2 * HASTY.pace_s)
        await answer(send, 200, str(len(await read_all(receive))).encode())

    registry.acts["/v1/filings/late"] = late
    size = 20 * 1_048_576  # more than fits between here and there
    head = HEAD % b"late" + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % size
    wire = await connect(hasty.port, head)
    await wire.send(b"x" * size)
    assert (await wire.end()).endswith(b"\r\n\r\n%d" % size)


async def test_who_is_not_read_because_others_of_theirs_wait_is_not_blamed(
    connect: Connect, hasty: Served, registry: Recorder
) -> None:
    """Two requests, and the beginning of a third one that we do not read on meanwhile."""

    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(2 * HASTY.head_s)
        await answer(send, 200, b"late")

    registry.acts["/v1/filings/dawdled"] = slowly
    one = b"GET /v1/filings/dawdled HTTP/1.1\r\nHost: x\r\n"
    wire = await connect(hasty.port, (one + b"\r\n") * 2 + one)
    assert (await wire.until(b"late")).startswith(b"HTTP/1.1 200 ")
    await wire.send(b"\r\n")  # now it is read
    for _ in range(2):
        assert (await wire.until(b"late")).startswith(b"HTTP/1.1 200 ")


async def test_a_steady_upload_may_take_its_time(connect: Connect, hasty: Served) -> None:
    head = HEAD % b"steady" + b"Connection: close\r\nContent-Length: 100000\r\n\r\n"
    wire = await connect(hasty.port, head)
    for _ in range(50):  # longer than anybody has
        await wire.send(b"x" * 2_000)
        await asyncio.sleep(0.2)
    assert (await wire.end()).startswith(b"HTTP/1.1 200")


async def test_two_hundred_slow_ones_end_and_nobody_is_harmed(
    connect: Connect, hasty: Served
) -> None:
    begun = [
        b"",
        b"GET /v1/cooperatives HTTP/1.1\r\nHost: x\r\n",
        HEAD % b"slow" + b"Content-Length: 1000000\r\n\r\n",
        b"POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
    ]
    wires = [await connect(hasty.port, begun[n % 4]) for n in range(200)]
    ending = [
        asyncio.create_task(wire.drip() if n % 2 else wire.end()) for n, wire in enumerate(wires)
    ]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{hasty.port}", timeout=60) as client:
        for _ in range(30):
            assert (await client.get("/v1/cooperatives")).status_code == 200
            await asyncio.sleep(0.05)
    await asyncio.gather(*ending)


@pytest.mark.parametrize(
    ("target", "headers", "refused"),
    [
        (b"/v1/cooperatives?q=" + b"x" * 8_200, [], (414, "ADDRESS_TOO_LONG")),
        (b"/v1/" + b"x" * 200_000, [], (414, "ADDRESS_TOO_LONG")),
        (b"/v1/me", [b"X-Long: " + b"x" * 33_000], (431, "HEADERS_TOO_LARGE")),
        (b"/v1/me", [b"X-Long: " + b"x" * 2_000_000], (431, "HEADERS_TOO_LARGE")),
        (b"/v1/me", [b"X-%d: y" % n for n in range(6_000)], (431, "HEADERS_TOO_LARGE")),
        (b"/v1/me", [b"Content-Length: 1", b"Content-Length: 2"], (400, "MALFORMED_REQUEST")),
        (b"/v1/me", [b"no colon"], (400, "MALFORMED_REQUEST")),
        (b"no-slash", [], (400, "MALFORMED_REQUEST")),
    ],
)
async def test_what_cannot_be_read_is_refused_by_name(
    gateway: Gateway, target: bytes, headers: list[bytes], refused: tuple[int, str]
) -> None:
    assert refusal(await raw(gateway.port, lines(b"GET", target, *headers))) == refused


async def test_large_heads_pass_as_far_as_anybody_needs(gateway: Gateway) -> None:
    sent = lines(b"GET", b"/v1/me?" + b"x" * 7_000, b"X-Long: " + b"x" * 24_000)
    assert (await raw(gateway.port, sent)).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("piece", [b"X-Many: y\r\n", b"x" * 20], ids=["many", "long"])
async def test_a_head_without_end_is_refused_in_time(
    connect: Connect, gateway: Gateway, piece: bytes
) -> None:
    wire = await connect(gateway.port, b"GET /v1/me HTTP/1.1\r\nX-Long: ")
    assert refusal(await wire.drip(piece * 1_000)) == (431, "HEADERS_TOO_LARGE")


async def test_trailers_are_nobodys_and_have_an_end(
    connect: Connect, gateway: Gateway, registry: Recorder
) -> None:
    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_all(receive)
        await answer(send, 200, body + b" " + b",".join(name for name, _ in scope["headers"]))

    registry.acts["/v1/filings/trailers"] = telling
    head = HEAD % b"trailers" + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    found = await raw(gateway.port, head + b"2\r\nhi\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
    assert b"hi " in found
    assert b"authorization" not in found.lower().partition(b"\r\n\r\n")[2]
    endless = await connect(gateway.port, head + b"2\r\nhi\r\n0\r\nX-Long: ")
    assert refusal(await endless.drip(b"x" * 20_000)) == (431, "HEADERS_TOO_LARGE")


async def test_no_more_connections_than_there_is_room_for(
    connect: Connect, settings: GatewaySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GatewayProtocol, "most", 3)
    found = bound()
    port = found.getsockname()[1]
    async with serving(create_app(define(settings)), found, "on"):
        held = [await connect(port) for _ in range(3)]
        assert await (await connect(port)).end() == b""
        await held[0].send(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await held[0].end()).startswith(b"HTTP/1.1 200")
        again = await connect(port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await again.until(b"\r\n")).startswith(b"HTTP/1.1 200")
