"""Connections to peers, spoken by hand from the other side: real sockets, every byte chosen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest

from chassis import origin as origins
from chassis.connection import Asking, Connection, Failure, Header
from chassis.origin import Origin
from chassis.transport import FastTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
MEGABYTE = 1_048_576


@dataclass
class Peer:
    """Answers request n of each connection with `answers[n]`, then closes."""

    answers: list[list[bytes]]
    port: int = 0
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = self.answers[min(self.connections, len(self.answers) - 1)]
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            for answer in answers:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(answer)
            await writer.drain()
        writer.close()


Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(act: Act) -> AsyncIterator[int]:
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await act(reader, writer)
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=MEGABYTE)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


@asynccontextmanager
async def met(*answers: list[bytes], most: int = 200) -> AsyncIterator[tuple[Origin, Peer]]:
    peer = Peer(list(answers))
    async with listening(peer.serve) as port:
        origin = Origin(f"http://127.0.0.1:{port}", most)
        yield origin, peer
        await origin.close()


class Caller:
    """An asker that keeps what it is told."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[Header] = []
        self._pieces: list[bytes] = []
        self.failure: Failure | None = None
        self.is_over = asyncio.Event()
        self.is_carried = asyncio.Event()
        self.is_held = False
        self.connection: Connection | None = None
        self.takes = True

    @property
    def body(self) -> bytes:
        return b"".join(self._pieces)

    def carried(self, connection: Connection) -> None:
        self.connection = connection
        self.is_carried.set()
        if not self.takes:
            connection.pause()

    def headed(self, status: int, headers: list[Header]) -> None:
        assert self.status == 0
        self.status, self.headers = status, headers

    def came(self, chunk: bytes) -> None:
        self._pieces.append(chunk)

    def turned(self) -> None:
        assert not self.is_over.is_set()

    def ended(self) -> None:
        assert not self.is_over.is_set()
        self.is_over.set()

    def failed(self, failure: Failure) -> None:
        assert not self.is_over.is_set()
        self.failure = failure
        self.is_over.set()

    def hold(self) -> None:
        self.is_held = True

    def go_on(self) -> None:
        self.is_held = False


async def asked(origin: Origin, *, may_repeat: bool = False, **how: bool) -> Caller:
    caller = Caller()
    asking = Asking(caller, GET, **how)
    asking.may_repeat = may_repeat
    origin.ask(asking)
    await asyncio.wait_for(caller.is_over.wait(), 30)
    return caller


async def closed(origin: Origin) -> None:
    for _ in range(500):
        if not origin.open:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("still open")


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (OK, 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 200, b"a"),
        (b"HTTP/1.1 204 No\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", 304, b""),
        (b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hm\r\nLink: x\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, b""),
    ],
)
async def test_a_connection_serves_again_after_every_whole_answer(
    answer: bytes, status: int, body: bytes
) -> None:
    async with met([answer, answer, OK]) as (origin, peer):
        for _ in range(2):
            caller = await asked(origin)
            assert (caller.status, caller.body, caller.failure) == (status, body, None)
            assert (b"Link", b"x") not in caller.headers
        assert (await asked(origin)).body == b"ok"
    assert peer.connections == 1


async def test_an_answer_in_single_bytes_is_the_same_answer() -> None:
    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for n in range(len(OK)):
            writer.write(OK[n : n + 1])
            await writer.drain()
            await asyncio.sleep(0.001)

    async with listening(dripping) as port:
        origin = Origin(f"http://127.0.0.1:{port}")
        caller = await asked(origin)
        assert (caller.status, caller.body) == (200, b"ok")
        await origin.close()


async def test_head_has_no_body_and_its_connection_serves_again() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n"
    async with met([head, OK]) as (origin, peer):
        caller = await asked(origin, is_head=True)
        assert (caller.status, caller.body) == (200, b"")
        assert (await asked(origin)).body == b"ok"
        assert peer.connections == 1


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", {}),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", {}),
        (OK + b"more", {}),
        (OK + OK, {}),
        (OK + b"HTTP/1.1 2", {}),
        (OK, {"is_whole": False}),  # answered before the whole request was sent
        (OK, {"is_head": True}),  # with a body that HEAD may not have
    ],
    ids=["close", "1.0", "unread", "second answer", "half a second", "early", "body of head"],
)
async def test_a_connection_of_which_anything_is_doubtful_serves_nobody_else(
    answer: bytes, how: dict[str, bool]
) -> None:
    async with met([answer, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"], [OK]) as (
        origin,
        peer,
    ):
        first = await asked(origin, **how)
        assert (first.status, first.failure) == (200, None)
        assert first.body == (b"" if "is_head" in how else b"ok")
        assert (await asked(origin)).body == b"ok"
        assert peer.connections == 2


async def test_what_comes_unasked_ends_an_idle_connection() -> None:
    async def chatty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")

    async with listening(chatty) as port:
        origin = Origin(f"http://127.0.0.1:{port}")
        for _ in range(2):
            assert (await asked(origin)).body == b"ok"
            await closed(origin)


H = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"", Failure.CLOSED),
        (b"HTTP/1.1 200 OK\r\nContent-Le", Failure.BROKEN),
        (H + b"Content-Length: 9\r\n\r\nhalf", Failure.BROKEN),
        (H + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf", Failure.BROKEN),
        (H + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", Failure.BROKEN),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Failure.GARBAGE),
        (b"\x00" * 9, Failure.GARBAGE),
        (H + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", Failure.GARBAGE),
        (H + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", Failure.GARBAGE),
        (H + b"Content-Length: 2, 2\r\n\r\nok", Failure.GARBAGE),
        (H + b"Content-Length: -2\r\n\r\nok", Failure.GARBAGE),
        (H + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Failure.GARBAGE),
        (H + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", Failure.GARBAGE),
        (H + b"Transfer-Encoding: gzip\r\n\r\nok", Failure.GARBAGE),
        (H + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         Failure.GARBAGE),
        (H + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", Failure.GARBAGE),
        (H + b"X : y\r\n\r\n", Failure.GARBAGE),
        (H + b"X: y\r\n folded\r\n\r\n", Failure.GARBAGE),
        (H + b"X: a\x00b\r\n\r\n", Failure.GARBAGE),
        (b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n", Failure.GARBAGE),
        (b"HTTP/1.1 99 No\r\nContent-Length: 0\r\n\r\n", Failure.GARBAGE),
        (b"HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", Failure.GARBAGE),
        (H + b"X: " + b"y" * 40_000 + b"\r\n\r\n", Failure.OVERSIZE),
        (H + b"X: y\r\n" * 20_000 + b"\r\n", Failure.OVERSIZE),
        (H + b"X: " + b"y" * MEGABYTE, Failure.OVERSIZE),
        (b"HTTP/1.1 103 Hm\r\nLink: x\r\n\r\n" * 5_000, Failure.OVERSIZE),
    ],
)  # fmt: skip
async def test_what_is_no_whole_answer_has_a_name(answer: bytes, failure: Failure) -> None:
    async with met([answer]) as (origin, _):
        assert (await asked(origin)).failure is failure
        assert origin.open == 0


async def test_trailers_have_an_end() -> None:
    endless = H + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n" + b"X: y\r\n" * 200_000
    async with met([endless]) as (origin, _):
        assert (await asked(origin)).failure is Failure.OVERSIZE


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async with met([H + b"\r\nall of it"]) as (origin, _):
        caller = await asked(origin)
        assert (caller.body, caller.failure) == (b"all of it", None)


async def test_where_nobody_listens_is_unreachable() -> None:
    async with met([OK]) as (origin, _):
        pass
    assert (await asked(origin)).failure is Failure.UNREACHABLE


@pytest.mark.parametrize("may_repeat", [True, False])
async def test_a_kept_connection_that_died_is_replaced_only_where_repeating_is_safe(
    *, may_repeat: bool
) -> None:
    served = 0

    async def deadly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        served += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        if served == 1:  # reads the second request and says nothing
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

    async with listening(deadly) as port:
        origin = Origin(f"http://127.0.0.1:{port}")
        assert (await asked(origin)).body == b"ok"
        again = await asked(origin, may_repeat=may_repeat)
        assert (again.body, again.failure) == (
            (b"ok", None) if may_repeat else (b"", Failure.CLOSED)
        )
        assert served == (2 if may_repeat else 1)
        await origin.close()


@pytest.mark.parametrize("answer", [b"", b"H"], ids=["a new connection", "the first byte"])
async def test_nothing_is_repeated_after_the_first_byte_nor_on_a_new_connection(
    answer: bytes,
) -> None:
    async with met([answer]) as (origin, peer):
        caller = await asked(origin, may_repeat=True)
        assert caller.failure is (Failure.BROKEN if answer else Failure.CLOSED)
        assert peer.connections == 1


async def test_no_more_connections_than_allowed_and_nobody_is_forgotten() -> None:
    async with met([OK] * 100, most=3) as (origin, peer):
        callers = await asyncio.gather(*(asked(origin) for _ in range(60)))
        assert [caller.body for caller in callers] == [b"ok"] * 60
        assert peer.connections <= 3


async def test_who_leaves_before_a_connection_is_free_is_never_asked_for() -> None:
    release = asyncio.Event()
    count = 0

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                count += 1
                await release.wait()
                writer.write(OK)

    async with listening(slowly) as port:
        origin = Origin(f"http://127.0.0.1:{port}", most=1)
        first = asyncio.create_task(asked(origin))
        await asyncio.sleep(0.05)
        second = Caller()
        origin.ask(Asking(second, GET))
        origin.forget(second)
        release.set()
        assert (await first).body == b"ok"
        assert (await asked(origin)).body == b"ok"
        assert (count, second.is_over.is_set()) == (2, False)
        await origin.close()


async def test_who_leaves_takes_the_connection_along() -> None:
    left = asyncio.Event()

    async def waiting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            await reader.read()
        left.set()
        writer.close()

    async with listening(waiting) as port:
        origin = Origin(f"http://127.0.0.1:{port}")
        caller = Caller()
        origin.ask(Asking(caller, GET))
        await caller.is_carried.wait()
        assert caller.connection is not None
        caller.connection.leave()
        await asyncio.wait_for(left.wait(), 30)
        await asyncio.sleep(0)
        assert (origin.open, caller.is_over.is_set()) == (0, False)


async def test_an_answer_that_nobody_takes_stays_with_its_sender() -> None:
    written = 0

    async def pouring(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"\r\n\r\n")
        writer.write(H + b"Content-Length: %d\r\n\r\n" % (100 * MEGABYTE))
        with suppress(ConnectionError):
            for _ in range(100):
                writer.write(b"x" * MEGABYTE)
                await writer.drain()
                written += 1
        writer.close()

    async with listening(pouring) as port:
        origin = Origin(f"http://127.0.0.1:{port}")
        caller = Caller()
        caller.takes = False
        origin.ask(Asking(caller, GET))
        await caller.is_carried.wait()
        await asyncio.sleep(0.3)
        assert written < 30
        assert len(caller.body) < MEGABYTE
        assert caller.connection is not None
        caller.connection.resume()
        await asyncio.wait_for(caller.is_over.wait(), 60)
        assert len(caller.body) == 100 * MEGABYTE


async def test_a_body_that_nobody_takes_is_held_back() -> None:
    release = asyncio.Event()
    taken = 0

    async def reluctant(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        await reader.readuntil(b"\r\n\r\n")
        await release.wait()
        while taken < 40 * MEGABYTE:
            taken += len(await reader.read(MEGABYTE))
        writer.write(OK)
        await writer.drain()
        writer.close()

    async with listening(reluctant) as port:
        origin = Origin(f"http://127.0.0.1:{port}")
        caller, sent = Caller(), 0
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (40 * MEGABYTE)
        origin.ask(Asking(caller, head, is_whole=False))
        await caller.is_carried.wait()
        assert caller.connection is not None
        while sent < 40:
            if caller.is_held:
                if not release.is_set():
                    assert sent < 30
                    release.set()
                await asyncio.sleep(0.001)
            else:
                caller.connection.send(b"x" * MEGABYTE)
                sent += 1
                await asyncio.sleep(0)
        caller.connection.finish()
        await asyncio.wait_for(caller.is_over.wait(), 30)
        assert (taken, caller.body) == (40 * MEGABYTE, b"ok")


async def test_an_idle_connection_is_left_before_its_peer_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chassis.origin.KEEP_S", 0.1)
    async with met([OK] * 9) as (origin, peer):
        await asked(origin)
        await closed(origin)
        assert (await asked(origin)).body == b"ok"
        assert peer.connections == 2


async def test_what_rested_too_long_is_not_asked_even_if_nobody_had_time_to_leave_it() -> None:
    """A peer closes what rests for five seconds: a POST that is sent then is lost."""
    async with met([OK] * 9) as (origin, peer):
        caller = await asked(origin)
        assert caller.connection is not None
        caller.connection.idle_since -= origins.KEEP_S + 0.1
        again = await asked(origin)
        assert (again.status, again.connection is caller.connection) == (200, False)
        assert peer.connections == 2


async def test_httpx_on_it_sends_and_reads_what_it_always_does() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b"chunked"
        if b"ontent-Length: 5" in head:
            body = await reader.readexactly(5)
        elif b"hunked" in head:
            await reader.readuntil(b"0\r\n\r\n")
        writer.write(H + b"Content-Length: %d\r\n\r\n" % len(head + body) + head + body)
        writer.close()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b""
        yield b"two"

    async with (
        listening(echo) as port,
        httpx.AsyncClient(transport=FastTransport(), base_url=f"http://127.0.0.1:{port}") as client,
    ):
        posted = await client.post("/a%2Fb?c=%C3%A9", content=b"12345")
        assert posted.content.startswith(b"POST /a%2Fb?c=%C3%A9 HTTP/1.1\r\n")
        assert posted.content.endswith(b"12345")
        poured = await client.post("/", content=pieces())
        assert poured.content.endswith(b"chunked")
        empty = await client.post("/")
        assert b"content-length: 0" in empty.content.lower()
        assert b"content-length" not in (await client.get("/")).content.lower()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"nonsense\r\n\r\n", httpx.RemoteProtocolError),
        (b"", httpx.ReadError),
        (H + b"Content-Length: 9\r\n\r\nhalf", httpx.RemoteProtocolError),
    ],
)
async def test_httpx_on_it_fails_as_httpx_fails(
    answer: bytes, error: type[httpx.TransportError]
) -> None:
    async with met([answer]) as (origin, _), httpx.AsyncClient(transport=FastTransport()) as client:
        with pytest.raises(error):
            await client.get(f"http://127.0.0.1:{origin.port}/")


async def test_httpx_on_it_waits_only_so_long() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    only_to_read = httpx.Timeout(30, read=0.2)
    async with (
        listening(silent) as port,
        httpx.AsyncClient(transport=FastTransport(), timeout=only_to_read) as client,
    ):
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_a_body_that_breaks_off_breaks_the_exchange() -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError("no more")

    async with met([]) as (origin, _), httpx.AsyncClient(transport=FastTransport()) as client:
        with pytest.raises(LookupError):
            await client.post(f"http://127.0.0.1:{origin.port}/", content=failing())
