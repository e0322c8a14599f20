"""The store as callers of a running gateway meet it."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from chassis.app import create_app
from gateway.app import define
from gateway.plane import shelved
from gateway.settings import GatewaySettings
from gateway.store.store import Store
from tests.gateway.conftest import Narrow, bound, serving
from tests.gateway.test_limits import remaining
from tests.gateway.world import Gateway, Recorder, answer, lines, read_all
from tests.town import problem

PUBLIC = (b"cache-control", b"public, max-age=60")
JSON = (b"content-type", b"application/json")
PATH = "/v1/code-lists/stored"


@dataclass
class Thing:
    """A public thing of a service, which counts who asks for it."""

    said: list[tuple[bytes, bytes]] = field(default_factory=lambda: [PUBLIC, JSON])
    body: bytes = b'{"version": 1}'
    status: int = 200
    asked: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    breaks: bool = False

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_all(receive)
        if scope["method"] == "POST":
            self.body = body
            await answer(send, 201, b"{}")
            return
        self.asked += 1
        await self.may_answer.wait()
        if self.breaks:
            told = [(b"content-length", b"100"), *self.said]
            await send({"type": "http.response.start", "status": 200, "headers": told})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise ConnectionAbortedError
        tag = b'"%d"' % len(self.body)
        await answer(send, self.status, self.body, [*self.said, (b"etag", tag)])


@dataclass
class Patient:
    """Where a gateway of its own answers, and what it keeps."""

    port: int
    store: Store

    async def ask(self) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(lines(b"GET", PATH.encode(), b"Accept-Encoding: identity"))
            return await asyncio.wait_for(reader.read(), 60)
        finally:
            writer.transport.abort()

    async def until_following(self, many: int) -> None:
        for _ in range(3_000):
            if self.store.following == many:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.store.following} follow")


@dataclass
class Hand:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand(gateway: Gateway) -> Iterator[Hand]:
    store = gateway.app.state.store
    before, store.now = store.now, Hand(store.now())
    yield store.now
    store.now = before
    store.changed("registry")


@pytest.fixture
def thing(gateway: Gateway, registry: Recorder, hand: Hand) -> Iterator[Thing]:
    """What is kept of it in the gateway of all tests grows old by the hand alone."""
    made = registry.acts[PATH] = Thing()
    store = gateway.app.state.store
    store._entries.clear()
    store._passing.clear()
    store.size = 0
    yield made
    del registry.acts[PATH]


@pytest.fixture
async def plain(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=10) as found:
        yield found


def how(answered: httpx.Response) -> str:
    status = answered.headers["cache-status"]
    assert status.startswith("mboolo; ")
    return str(status.removeprefix("mboolo; ").rpartition("; ttl=")[0])


async def until_asked(thing: Thing, times: int = 1) -> None:
    for _ in range(3_000):
        if thing.asked == times:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"asked {thing.asked} times")


async def test_many_who_ask_at_once_are_one_question(
    plain: httpx.AsyncClient, thing: Thing
) -> None:
    thing.may_answer.clear()
    asked = [asyncio.create_task(plain.get(PATH)) for _ in range(50)]
    await until_asked(thing)
    await asyncio.sleep(0.2)
    thing.may_answer.set()
    answers = await asyncio.gather(*asked)
    assert thing.asked == 1
    assert {found.content for found in answers} == {thing.body}
    assert {found.status_code for found in answers} == {200}
    ways = Counter(how(found) for found in answers)
    assert ways["fwd=miss; stored"] == 1
    assert set(ways) <= {"fwd=miss; stored", "fwd=miss; collapsed", "hit"}
    assert len({found.headers["x-request-id"] for found in answers}) == 50


async def test_who_comes_later_is_answered_at_once(
    plain: httpx.AsyncClient, thing: Thing, hand: Hand
) -> None:
    first = await plain.get(PATH)
    hand.now += 3
    second = await plain.get(PATH)
    assert (how(second), second.headers["age"], thing.asked) == ("hit", "3", 1)
    assert second.content == first.content
    assert second.headers["x-content-type-options"] == "nosniff"
    hand.now += 3
    assert how(await plain.get(PATH)) == "fwd=miss; stored"
    assert thing.asked == 2


async def test_what_comes_of_the_store_is_counted(narrow: Narrow, thing: Thing) -> None:
    narrow.app.state.store.changed("registry")  # others of these tests ask there, too
    async with httpx.AsyncClient(base_url=narrow.url, timeout=10) as caller:
        answers = [await caller.get(PATH) for _ in range(5)]
    assert [found.status_code for found in answers] == [200] * 4 + [429]
    assert [remaining(found) for found in answers] == [3, 2, 1, 0, 0]
    assert thing.asked == 1


async def test_who_holds_it_is_told_so_and_pays_nothing(
    plain: httpx.AsyncClient, thing: Thing
) -> None:
    first = await plain.get(PATH)
    for _ in range(3):
        again = await plain.get(PATH, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert remaining(again) >= remaining(first)
    assert thing.asked == 1


async def test_who_asks_whether_there_is_anything_is_told_and_pays(
    narrow: Narrow, thing: Thing
) -> None:
    """RFC 9110 §13.1.2: `*` is false when there is something."""
    async with httpx.AsyncClient(base_url=narrow.url, timeout=10) as caller:
        first = await caller.get(PATH)
        asked = [await caller.get(PATH, headers={"If-None-Match": "*"}) for _ in range(4)]
    assert [found.status_code for found in (first, *asked)] == [200, 304, 304, 304, 429]
    assert asked[0].headers["etag"] == first.headers["etag"]


async def test_a_token_leads_to_the_service(
    plain: httpx.AsyncClient, gateway: Gateway, thing: Thing
) -> None:
    await plain.get(PATH)
    for times in (2, 3):
        answered = await plain.get(PATH, headers=await gateway.bearer("volunteer"))
        assert (answered.status_code, thing.asked) == (200, times)
        assert "cache-status" not in answered.headers
    refused = await plain.get(PATH, headers={"Authorization": "Bearer x"})
    assert refused.status_code == 401


@pytest.mark.parametrize(
    "said",
    [
        [(b"cache-control", b"private, no-cache")],
        [PUBLIC, (b"set-cookie", b"a=b")],
        [PUBLIC, (b"vary", b"X-Mood")],
        [],
    ],
)
async def test_what_is_not_for_all_is_asked_each_time(
    plain: httpx.AsyncClient, thing: Thing, said: list[tuple[bytes, bytes]]
) -> None:
    thing.said = [*said, JSON]
    answers = [await plain.get(PATH) for _ in range(3)]
    assert thing.asked == 3
    assert not any("cache-status" in found.headers for found in answers)


@pytest.mark.parametrize("status", [404, 410, 500, 503])
async def test_what_is_not_well_is_asked_each_time(
    plain: httpx.AsyncClient, thing: Thing, status: int
) -> None:
    thing.status = status
    for times in (1, 2):
        assert (await plain.get(PATH)).status_code == status
        assert thing.asked == times


async def test_languages_are_kept_apart(plain: httpx.AsyncClient, thing: Thing) -> None:
    for language in ("fr", "en", "fr", "en"):
        await plain.get(PATH, headers={"Accept-Language": language})
    assert thing.asked == 2


async def test_a_change_through_the_gateway_is_seen_at_once(
    gateway: Gateway, plain: httpx.AsyncClient, thing: Thing
) -> None:
    assert (await plain.get(PATH)).json() == {"version": 1}
    known = await gateway.bearer("volunteer")
    await plain.post(PATH, content=b'{"version": 2}', headers=known)
    assert (await plain.get(PATH)).json() == {"version": 2}


async def test_what_a_stranger_sends_makes_nothing_old(
    plain: httpx.AsyncClient, thing: Thing
) -> None:
    """Else anybody could have every public read asked of its service."""
    await plain.get(PATH)
    await plain.post("/v1/elsewhere", content=b"{}")
    await plain.post(PATH, content=thing.body)
    await plain.get(PATH)
    assert thing.asked == 1


async def test_a_change_elsewhere_is_seen_after_five_seconds(
    plain: httpx.AsyncClient, thing: Thing, hand: Hand
) -> None:
    await plain.get(PATH)
    thing.body = b'{"version": 2}'
    assert (await plain.get(PATH)).json() == {"version": 1}
    hand.now += 5
    assert (await plain.get(PATH)).json() == {"version": 2}


async def test_a_refused_change_is_none(plain: httpx.AsyncClient, thing: Thing) -> None:
    await plain.get(PATH)
    refused = await plain.post("/v1/filings", headers={"Authorization": "Bearer x"})
    assert refused.status_code == 401
    await plain.get(PATH)
    assert thing.asked == 1


@pytest.mark.parametrize("failure", ["status", "half"])
async def test_while_the_service_is_away_what_was_known_is_told(
    plain: httpx.AsyncClient, thing: Thing, hand: Hand, failure: str
) -> None:
    await plain.get(PATH)
    thing.status, thing.breaks = 503, failure == "half"
    hand.now += 30
    answered = await plain.get(PATH)
    assert (answered.status_code, answered.json()) == (200, {"version": 1})
    assert answered.headers["age"] == "30"
    assert how(answered) == "hit; detail=stale-if-error"
    hand.now += 40
    assert (await plain.get(PATH)).status_code == 503  # for ever is no short while


async def test_an_answer_that_breaks_off_is_a_problem_for_all_who_asked(
    plain: httpx.AsyncClient, thing: Thing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelved, "WITHIN_S", 600.0)
    thing.breaks = True
    thing.may_answer.clear()
    asked = [asyncio.create_task(plain.get(PATH)) for _ in range(3)]
    await until_asked(thing)
    await asyncio.sleep(0.2)
    thing.may_answer.set()
    leader, *followers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(leader, httpx.Response)  # nothing of the half had been sent
    assert problem(leader)["code"] == "SERVICE_UNAVAILABLE"
    # who followed leads in their turn
    assert {problem(found)["code"] for found in followers} == {"SERVICE_UNAVAILABLE"}  # type: ignore[arg-type]
    assert thing.asked >= 3


async def test_who_followed_for_long_does_not_begin_anew(patient: Patient, thing: Thing) -> None:
    thing.breaks = True
    thing.may_answer.clear()
    asked = [asyncio.create_task(patient.ask()) for _ in range(3)]
    await patient.until_following(2)
    await asyncio.sleep(1.6)
    thing.may_answer.set()
    for answered in await asyncio.gather(*asked):
        assert answered.startswith(b"HTTP/1.1 503 ")
        assert b"SERVICE_UNAVAILABLE" in answered
    assert thing.asked == 1


async def test_a_leader_who_is_refused_delays_nobody(
    gateway: Gateway, plain: httpx.AsyncClient, thing: Thing
) -> None:
    """A head in no alphabet is refused here; whoever asks the same well is not waved past."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as line:
        line.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nX-Odd: ".encode() + b"\xff\r\n\r\n")
        refused = await asyncio.to_thread(line.recv, 65_536)
    assert b" 400 " in refused
    answers = [await plain.get(PATH) for _ in range(3)]
    assert [how(found) for found in answers] == ["fwd=miss; stored", "hit", "hit"]
    assert thing.asked == 1


async def test_what_comes_too_late_is_waited_for_once(
    plain: httpx.AsyncClient, thing: Thing
) -> None:
    thing.may_answer.clear()
    try:
        answers = await asyncio.gather(*(plain.get(PATH) for _ in range(10)))
    finally:
        thing.may_answer.set()
    assert {problem(found)["code"] for found in answers} == {"GATEWAY_TIMEOUT"}
    assert thing.asked <= 2  # a read may be tried once more


async def test_a_leader_who_leaves_strands_nobody(
    gateway: Gateway, plain: httpx.AsyncClient, thing: Thing
) -> None:
    thing.may_answer.clear()
    leaving = asyncio.create_task(plain.get(PATH))
    await until_asked(thing)
    staying = [asyncio.create_task(plain.get(PATH)) for _ in range(10)]
    await asyncio.sleep(0.2)
    leaving.cancel()
    await until_asked(thing, 2)  # one of those who stay asks again
    thing.may_answer.set()
    answers = await asyncio.gather(*staying)
    assert {found.content for found in answers} == {thing.body}
    assert thing.asked == 2
    assert gateway.app.state.store.flying == 0


@pytest.fixture
async def patient(settings: GatewaySettings, demo: dict[str, Any]) -> AsyncIterator[Patient]:
    """A gateway that waits for as long as it takes to connect five hundred."""
    found = bound()
    app = create_app(define(settings.model_copy(update={"upstream_silence_s": 60.0})))
    async with serving(app, found, "on"):
        yield Patient(found.getsockname()[1], app.state.store)


@pytest.mark.parametrize("end", ["well", "breaks", "leaves"])
async def test_five_hundred_follow_and_none_of_them_fails(
    patient: Patient, thing: Thing, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelved, "WITHIN_S", 600.0)  # to connect so many may take long
    thing.may_answer.clear()
    thing.breaks = end == "breaks"
    leading = asyncio.create_task(patient.ask())
    await until_asked(thing)
    staying = [asyncio.create_task(patient.ask()) for _ in range(500)]
    await patient.until_following(500)
    if end == "leaves":
        leading.cancel()
        await until_asked(thing, 2)
    may_answer, thing.may_answer = thing.may_answer, asyncio.Event()
    may_answer.set()
    if end == "breaks":
        assert b"SERVICE_UNAVAILABLE" in await leading
        await until_asked(thing, 2)
        thing.breaks = False
    thing.may_answer.set()
    answers = await asyncio.gather(*staying)
    assert {found.partition(b"\r\n\r\n")[2] for found in answers} == {thing.body}
    assert thing.asked == (1 if end == "well" else 2)
    assert (patient.store.following, patient.store.flying) == (0, 0)


async def test_who_follows_and_leaves_is_waited_for_by_nobody(
    patient: Patient, thing: Thing
) -> None:
    thing.may_answer.clear()
    leading = asyncio.create_task(patient.ask())
    await until_asked(thing)
    for _ in range(20):
        following = asyncio.create_task(patient.ask())
        await patient.until_following(1)
        following.cancel()
        await patient.until_following(0)
    thing.may_answer.set()
    assert (await leading).endswith(thing.body)


def _narrow(door: socket.socket) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect(door.getsockname())
    return line


async def test_what_is_kept_lies_in_nobodys_buffer(
    settings: GatewaySettings, demo: dict[str, Any], thing: Thing
) -> None:
    thing.body = b"x" * 250_000
    found = bound()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    async with serving(create_app(define(settings)), found, "on") as server:
        opened = [await asyncio.open_connection(sock=_narrow(found)) for _ in range(20)]
        for reader, writer in opened:
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(lines(b"GET", PATH.encode(), b"Accept-Encoding: identity"))
        await until_asked(thing)
        await asyncio.sleep(0.5)
        connections: Any = server.server_state.connections
        held = [one.transport.get_write_buffer_size() for one in connections]
        assert len(held) == 20
        assert 0 < max(held) < 100_000
        for reader, writer in opened:
            reader._transport.resume_reading()  # type: ignore[attr-defined]
            answered = await asyncio.wait_for(reader.read(), 30)
            assert answered.endswith(b"\r\n\r\n" + thing.body)
            writer.close()
            await writer.wait_closed()
    assert thing.asked == 1


async def test_large_kept_answers_follow_one_another_on_a_connection(
    patient: Patient, thing: Thing
) -> None:
    thing.body = bytes(range(256)) * 1_000
    asked = f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", patient.port, limit=4_096)
    writer.write(asked * 19 + lines(b"GET", PATH.encode()))
    for _ in range(20):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        assert head.startswith(b"HTTP/1.1 200")
        assert await asyncio.wait_for(reader.readexactly(256_000), 60) == thing.body
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    assert thing.asked == 1


async def test_nobody_waits_for_a_leader_who_reads_slowly(
    gateway: Gateway, plain: httpx.AsyncClient, thing: Thing
) -> None:
    thing.body = b"x" * 250_000
    thing.may_answer.clear()
    with socket.create_connection(("127.0.0.1", gateway.port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await until_asked(thing)
        following = asyncio.create_task(
            plain.get(PATH, headers={"Accept": "", "Accept-Encoding": "identity"})
        )
        await asyncio.sleep(0.2)
        thing.may_answer.set()
        assert len((await following).content) == 250_000
    assert thing.asked <= 2


async def test_nobody_waits_for_a_leader_who_took_nothing_of_what_came_before(
    settings: GatewaySettings, demo: dict[str, Any], thing: Thing
) -> None:
    thing.body = b"x" * 32_000  # two stay below what is held for who takes nothing, three do not
    found = bound()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    async with serving(create_app(define(settings)), found, "on"):
        first, second = [await asyncio.open_connection(sock=_narrow(found)) for _ in range(2)]
        first[0]._transport.pause_reading()  # type: ignore[attr-defined]
        kept, hot = (
            f"GET {PATH}?{name} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n".encode()
            for name in ("kept", "hot")
        )
        first[1].write(kept)
        await until_asked(thing)
        await asyncio.sleep(0.2)
        thing.may_answer.clear()
        thing.body = b"y" * 200_000
        first[1].write(kept * 2 + hot)
        await until_asked(thing, 2)
        second[1].write(hot)
        await asyncio.sleep(0.2)
        thing.may_answer.set()
        head = await asyncio.wait_for(second[0].readuntil(b"\r\n\r\n"), 30)
        assert b"cache-status: mboolo; fwd=miss; collapsed" in head
        assert await asyncio.wait_for(second[0].readexactly(200_000), 30) == thing.body
        for _, writer in (first, second):
            writer.transport.abort()
    assert thing.asked == 2


async def test_what_is_too_large_passes(plain: httpx.AsyncClient, thing: Thing) -> None:
    thing.body = b"x" * 1_200_000
    for times in (1, 2):
        answered = await plain.get(PATH)
        assert (len(answered.content), thing.asked) == (1_200_000, times)


@pytest.mark.parametrize("size", [5_000, 200_000])
async def test_head_and_codings_come_of_the_same_answer(
    plain: httpx.AsyncClient, thing: Thing, size: int
) -> None:
    thing.body = b'{"a": "%s"}' % (b"b" * size)
    for coding in ("br", "gzip", "identity"):
        answered = await plain.get(PATH, headers={"Accept-Encoding": coding})
        assert answered.content == thing.body
        head = await plain.head(PATH, headers={"Accept-Encoding": coding})
        assert (head.headers["etag"], head.content) == (answered.headers["etag"], b"")
        again = await plain.get(
            PATH, headers={"Accept-Encoding": coding, "If-None-Match": head.headers["etag"]}
        )
        assert (again.status_code, again.headers["etag"]) == (304, head.headers["etag"])
    assert thing.asked == 1
