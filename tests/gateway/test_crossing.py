"""Requests and answers cross without touching one another, whatever either side does; every byte of
both sides is chosen here."""

import asyncio
import gc
import hashlib
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from starlette.types import Receive, Scope, Send

from chassis.app import create_app
from gateway.app import define
from gateway.plane.passage import Passage
from gateway.settings import GatewaySettings
from tests.gateway.conftest import bound, serving
from tests.gateway.world import Gateway, Recorder, answer, lines, raw

MEGABYTE = 1_048_576
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Say = Callable[[bytes, bytes], bytes]


@dataclass
class Peer:
    """A service spoken by hand: answers what `says` makes of each head and body."""

    says: Say = lambda _head, _body: OK
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    await self.answer(reader, writer)
        finally:
            writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        if b"\r\ntransfer-encoding: chunked" in head:
            body = await reader.readuntil(b"0\r\n\r\n")
        else:
            told = head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
            body = await reader.readexactly(int(told or 0))
        self.bodies.append(body)
        said = self.says(head, body)
        writer.write(said)
        await writer.drain()
        if b"onnection: close" in said:
            raise ConnectionError


@pytest.fixture
async def peer(gateway: Gateway) -> AsyncIterator[Peer]:
    """In financing's place meanwhile."""
    found = Peer()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, limit=MEGABYTE)
    upstream = gateway.app.state.routing.upstreams["financing"]
    before = [address.url for address in upstream.addresses]
    upstream.move([f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"])
    yield found
    upstream.move(before)
    server.close()


def head_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[0].lower()


@pytest.mark.parametrize(
    "headers",
    [
        [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        [b"Content-Length: 5", b"Content-Length: 5"],
        [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Content-Length: 5, 5"],
        [b"Content-Length: +5"],
        [b"Content-Length: -5"],
        [b"Content-Length: 0x5"],
        [b"Content-Length: 5 5"],
        [b"Content-Length:"],
        [b"Content-Length : 5"],
        [b"Transfer-Encoding : chunked"],
        [b"Transfer-Encoding: gzip, chunked"],
        [b"Transfer-Encoding: chunked, gzip"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"],
        [b"Transfer-Encoding: xchunked"],
        [b"Transfer-Encoding: identity"],
        [b"Transfer-Encoding:\x0bchunked"],
        [b"X-A: b", b" Content-Length: 5"],
        [b"X-A: b\r\n folded: c", b"Content-Length: 5"],
        [b"X-A: b\nContent-Length: 5"],
        [b"X-A: b\rContent-Length: 5"],
        [b"X-A: b\x00", b"Content-Length: 5"],
        [b"Connection: Upgrade", b"Upgrade: h2c", b"Content-Length: 5"],
        [b"Connection: Upgrade", b"Upgrade: h2c", b"Transfer-Encoding: chunked"],
    ],
    ids=lambda headers: b" | ".join(headers).decode("latin-1"),
)
async def test_what_two_readers_may_understand_differently_reaches_nobody(
    gateway: Gateway, peer: Peer, headers: list[bytes]
) -> None:
    hidden = b"GET /v1/offers/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    body = b"0\r\n\r\n" + hidden
    answered = await raw(gateway.port, lines(b"POST", b"/v1/offers", *headers, body=body))
    assert answered.startswith(b"HTTP/1.1 400 "), answered
    assert b'"MALFORMED_REQUEST"' in answered
    assert answered.count(b"HTTP/1.1 ") == 1
    assert peer.heads == []


@pytest.mark.parametrize("cuts", [(), (3, 60, 120, 140), tuple(range(1, 230))])
async def test_what_follows_an_offer_to_upgrade_is_the_next_request(
    gateway: Gateway, peer: Peer, cuts: tuple[int, ...]
) -> None:
    """RFC 9110 §7.8: a server may ignore the offer; the protocol is not changed."""
    hidden = b"DELETE /v1/offers/hidden HTTP/1.1\r\nHost: x\r\nX: yyyyy\r\n\r\n"
    offer = b"GET /v1/offers/u HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    sent = offer + lines(b"POST", b"/v1/offers", b"Content-Length: %d" % len(hidden), body=hidden)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for begin, end in zip((0, *cuts), (*cuts, None), strict=True):
        writer.write(sent[begin:end])
        await asyncio.sleep(0.002)
    answered = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert answered.count(b"HTTP/1.1 200") == 2
    assert [head.partition(b" HTTP")[0] for head in peer.heads] == [
        b"GET /v1/offers/u",
        b"POST /v1/offers",
    ]
    assert peer.bodies[-1] == hidden


async def test_nothing_behind_the_end_of_a_connection_is_begun(
    gateway: Gateway, peer: Peer
) -> None:
    """Whoever is told that the connection closes may send again elsewhere what stood behind."""
    kept = b"Host: x\r\nConnection: keep-alive\r\n"
    refused = b"POST /v1/offers HTTP/1.0\r\n%bAuthorization: Basic zz\r\n" % kept
    behind = b"DELETE /v1/offers/7 HTTP/1.0\r\n%b\r\n" % kept
    own = b"POST /oauth2/token HTTP/1.0\r\n%bContent-Length: 0\r\n\r\n" % kept
    for more in (behind, own, behind * 2):
        answered = await raw(gateway.port, refused + b"Content-Length: 3\r\n\r\nabc" + more)
        assert answered.startswith(b"HTTP/1.1 401 ")
        assert answered.count(b"HTTP/1.1 ") == 1
    assert peer.heads == []


async def test_what_cannot_be_read_ends_whoever_is_under_way_before_it(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    gc.collect()  # what others have left says what it has to say before
    caplog.clear()
    asked = [b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % at for at in (b"/health/live", b"/v1/offers")]
    for _ in range(5):
        await raw(gateway.port, b"".join(asked) + b"\x01garbage\r\n\r\n")
    await asyncio.sleep(0.2)
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


@pytest.mark.parametrize(
    "body",
    [b"zz\r\nabc\r\n0\r\n\r\n", b"-1\r\nabc\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"3\nabc\n0\n\n",
     b"0x3\r\nabc\r\n0\r\n\r\n", b"3 ;\x00\r\nabc\r\n0\r\n\r\n", b"fffffffffffffffff\r\nabc\r\n"],
)  # fmt: skip
async def test_a_bad_chunk_reaches_nobody(gateway: Gateway, peer: Peer, body: bytes) -> None:
    sent = lines(b"POST", b"/v1/offers", b"Transfer-Encoding: chunked", body=body)
    answered = await raw(gateway.port, sent)
    assert answered.startswith(b"HTTP/1.1 400 "), answered
    assert peer.heads == []


async def test_http_1_0_has_no_chunks_in_either_direction(gateway: Gateway, peer: Peer) -> None:
    peer.says = lambda *_: (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    )
    answered = await raw(gateway.port, b"GET /v1/offers HTTP/1.0\r\n\r\n")
    assert answered.endswith(b"\r\n\r\nok")
    assert b"transfer-encoding" not in head_of(answered)
    assert b"connection: close" in head_of(answered)
    chunked = b"POST /v1/offers HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert (await raw(gateway.port, chunked)).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (b"http://api.example/v1/offers?a=b", b"/v1/offers?a=b"),
        (b"/v1/offers?", b"/v1/offers?"),
        (b"/v1/offers??a", b"/v1/offers??a"),
        (b"/v1/offers/%2F%2f?q=%C3%A9&&=", b"/v1/offers/%2F%2f?q=%C3%A9&&="),
        (b"/v1/offers#part", b"/v1/offers"),
    ],
)
async def test_an_address_goes_on_in_the_form_that_services_know(
    gateway: Gateway, peer: Peer, url: bytes, target: bytes
) -> None:
    assert (await raw(gateway.port, lines(b"GET", url))).endswith(b"ok")
    assert peer.heads[-1].startswith(b"GET %b HTTP/1.1\r\n" % target)


async def test_it_is_told_to_go_on_before_a_body_is_sent(gateway: Gateway, peer: Peer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = b"POST /v1/offers HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
    writer.write(head + b"Content-Length: 5\r\n\r\n")
    told = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert peer.heads == []
    writer.write(b"12345")
    assert (await asyncio.wait_for(reader.read(), 30)).endswith(b"ok")
    writer.close()
    assert (peer.bodies, b"expect" in peer.heads[0].lower()) == ([b"12345"], False)


@pytest.mark.parametrize(
    "refused",
    [b"Authorization: Bearer x\r\nContent-Length: 5", b"Content-Length: 999999999999"],
    ids=["401", "413"],
)
async def test_who_is_refused_is_not_told_to_go_on(
    gateway: Gateway, peer: Peer, refused: bytes
) -> None:
    sent = lines(b"POST", b"/v1/offers", b"Expect: 100-continue", refused)
    answered = await raw(gateway.port, sent)
    assert answered.startswith((b"HTTP/1.1 401", b"HTTP/1.1 413"))
    assert b"100 Continue" not in answered
    assert peer.heads == []


async def test_requests_in_one_piece_are_answered_in_their_order(
    gateway: Gateway, peer: Peer
) -> None:
    def say(head: bytes, _: bytes) -> bytes:
        target = head.split(b" ")[1]
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(target), target)

    peer.says = say
    one = b"GET /v1/offers/%d HTTP/1.1\r\nHost: x\r\n\r\n"
    own = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    bad = b"GET /v1/offers/bad HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n"
    sent = b"".join(one % n + own + bad for n in range(300))
    answered = await raw(gateway.port, sent + lines(b"GET", b"/v1/offers/last"))
    statuses = [part[:3] for part in answered.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"401"] * 300 + [b"200"]
    found = [answered.find(b"\r\n/v1/offers/%d" % n) for n in range(300)]
    assert found == sorted(found)
    assert -1 not in found


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"\x16\x03\x01 nonsense\r\n\r\n", 503),
        (b"HTTP/1.1 200 OK\r\nContent-Le", 503),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", 503),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok", 503),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", 503),
        (b"HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", 503),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n", 503),
        (b"HTTP/1.1 102 Hm\r\n\r\n" + OK, 200),
        (b"HTTP/1.1 103 Hm\r\nLink: </a>\r\n\r\n" + OK, 200),
    ],
)
async def test_what_a_service_says_is_an_answer_or_a_problem(
    gateway: Gateway, peer: Peer, said: bytes, status: int
) -> None:
    peer.says = lambda *_: said + (b"" if status == 200 else b"Connection: close")
    answered = await raw(gateway.port, lines(b"POST", b"/v1/offers"))
    assert answered.startswith(b"HTTP/1.1 %d " % status), answered
    assert answered.count(b"HTTP/1.1 ") == 1
    assert (b"SERVICE_UNAVAILABLE" in answered) == (status == 503)
    peer.says = lambda *_: OK
    assert (await raw(gateway.port, lines(b"POST", b"/v1/offers"))).endswith(b"ok")


async def test_what_nobody_has_seen_of_a_bad_answer_is_asked_for_again(
    gateway: Gateway, peer: Peer
) -> None:
    bad = b"HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"
    for _ in range(5):  # a repetition costs as much as five requests earn
        await raw(gateway.port, lines(b"GET", b"/v1/offers"))
    peer.heads.clear()
    peer.says = lambda *_: bad + b"Connection: close" if len(peer.heads) == 1 else OK
    answered = await raw(gateway.port, lines(b"GET", b"/v1/offers"))
    assert answered.startswith(b"HTTP/1.1 200 ")
    assert answered.endswith(b"\r\n\r\nok")
    assert b"\r\nX: y" not in answered
    assert len(peer.heads) == 2


async def test_half_an_answer_ends_with_its_connection(gateway: Gateway, peer: Peer) -> None:
    head = b"HTTP/1.1 200 OK\r\nX: Connection: close\r\n"
    lengths = b"Content-Length: 9\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
    for rest in lengths:
        peer.says = lambda *_, half=head + rest: half
        kept = lines(b"GET", b"/v1/offers").replace(b"Connection: close\r\n", b"")
        answered = await raw(gateway.port, kept)
        assert b"half" in answered
        assert not answered.endswith(b"0\r\n\r\n")


async def test_a_service_that_closes_is_asked_again_for_the_next(
    gateway: Gateway, peer: Peer
) -> None:
    peer.says = lambda *_: OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    for _ in range(5):
        assert (await raw(gateway.port, lines(b"POST", b"/v1/offers"))).endswith(b"ok")
    assert peer.connections == 5


def memory_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096 / MEGABYTE


async def test_nothing_of_a_request_stays_when_it_is_over(gateway: Gateway, peer: Peer) -> None:
    def kept() -> int:
        return sum(isinstance(one, Passage) for one in gc.get_objects())

    gc.collect()
    before = kept()
    gc.disable()  # what goes, goes by itself: no ring of references waits for the collector
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        for _ in range(100):
            writer.write(b"GET /v1/offers HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"ok")
        found = kept() - before
    finally:
        gc.enable()
        writer.close()
    assert len(peer.heads) == 100
    assert found <= 3  # the last one of each connection


async def test_readers_who_stop_cost_little(gateway: Gateway, peer: Peer) -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (8 * MEGABYTE)
    large += b"x" * 8 * MEGABYTE
    peer.says = lambda *_: large
    before = memory_mb()
    writers = []
    for _ in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1_024)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /v1/offers HTTP/1.1\r\nHost: x\r\n\r\n")
        writers.append((reader, writer))
    async with asyncio.timeout(60):
        while len(peer.heads) < 20:  # noqa: ASYNC110  what reaches it sets no event
            await asyncio.sleep(0.05)
    await asyncio.sleep(2)
    # the service's own buffers hold 20 x 8 MB, once each; the gateway next to nothing
    assert memory_mb() - before < 20 * 8 + 60
    for _, writer in writers:
        writer.close()


async def test_what_cannot_be_read_ends_what_was_asked_before_it(
    gateway: Gateway, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    """Its answer would be written where nothing may be written, on a connection of others."""
    gc.collect()  # what others have left says what it has to say before
    caplog.clear()
    kept = lines(b"POST", b"/v1/offers").replace(b"Connection: close\r\n", b"")
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(kept * 2 + b"\0garbage\r\n\r\n")
    assert await asyncio.wait_for(reader.read(), 10) == b""
    await asyncio.sleep(0.3)  # the caller stays: only what came ends it
    assert not [one for one in caplog.records if one.name == "asyncio"]
    assert len(gateway.app.state.plane.watch) == 0
    writer.close()


async def test_who_asks_and_asks_without_reading_costs_little(settings: GatewaySettings) -> None:
    """Refusals are made at once: they must wait for their reader like everything else; and whoever
    asks more than anybody needs to is heard no more."""
    count, found = 12_000, bound()
    asked = b"GET /v1/offers HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eA==\r\n\r\n" * count
    last = lines(b"GET", b"/v1/offers")
    async with serving(create_app(define(settings)), found, "on") as server:
        ours = socket.socket()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        ours.connect(("127.0.0.1", found.getsockname()[1]))
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(asked + last)
        at: Any = None
        while at is None:
            await asyncio.sleep(0.01)
            at = next(iter(server.server_state.connections), None)
        while not (at.is_over and at.flow.write_paused):
            assert at.transport.get_write_buffer_size() < MEGABYTE
            assert len(at.pipeline) <= at.most_waiting
            await asyncio.sleep(0.01)
        assert at.transport.get_write_buffer_size() < MEGABYTE
        assert not at.pipeline
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        answered = (await asyncio.wait_for(reader.read(), 60)).count(b"HTTP/1.1 ")
        assert 0 < answered < count
        writer.close()


@pytest.mark.parametrize("behind", [900, 1_100])
async def test_so_many_may_wait_behind_one_another(
    gateway: Gateway, registry: Recorder, behind: int
) -> None:
    """Nine hundred are answered; of more than a thousand nobody is."""
    go_on = asyncio.Event()

    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await answer(send, 200, b"late")

    registry.acts["/v1/filings/first"] = slowly
    first = lines(b"GET", b"/v1/filings/first").replace(b"Connection: close\r\n", b"")
    one = b"GET /v1/offers HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eA==\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(first + one * behind + lines(b"GET", b"/v1/offers"))
    if behind < 1_000:  # the others are sent away while the first one still waits
        await asyncio.sleep(0.5)
        go_on.set()
    told = await asyncio.wait_for(reader.read(), 60)
    go_on.set()
    assert told.count(b"HTTP/1.1 ") == (behind + 2 if behind < 1_000 else 0)
    writer.close()


def echo(head: bytes, body: bytes) -> bytes:
    """An answer that fits one request alone."""
    told = hashlib.sha256(head.split(b" ")[1] + body).hexdigest().encode() * (1 + len(body) % 40)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told)


@dataclass
class Crowd:
    """Callers of whom many leave, in the midst of a request or of an answer."""

    port: int
    rng: random.Random = field(default_factory=lambda: random.Random(5))
    mixed: int = 0
    answered: int = 0

    async def caller(self) -> None:
        for _ in range(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            for _ in range(25):
                if not await self.ask(reader, writer):
                    break
            writer.close()

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        path = f"/v1/offers/{uuid4()}".encode()
        body = self.rng.randbytes(self.rng.randrange(2_000))
        head = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (path, len(body))
        whole, leaves = head + body, self.rng.random()
        writer.write(whole[: self.rng.randrange(1, len(whole))] if leaves < 0.1 else whole)
        if leaves < 0.2:
            await asyncio.sleep(self.rng.random() / 500)
            return False
        told = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        length = int(head_of(told).partition(b"content-length: ")[2].partition(b"\r\n")[0])
        found = await asyncio.wait_for(reader.readexactly(length), 30)
        self.answered += 1
        self.mixed += found != echo(b"POST %b " % path, body).partition(b"\r\n\r\n")[2]
        return True


async def test_no_answer_is_ever_mixed_up_though_many_leave(gateway: Gateway, peer: Peer) -> None:
    peer.says = echo
    crowd = Crowd(gateway.port)
    await asyncio.gather(*(crowd.caller() for _ in range(40)))
    assert crowd.mixed == 0
    assert crowd.answered > 1_000
