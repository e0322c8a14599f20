"""The keys of a peer: fetched when needed, shared while under way, never hammered."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from chassis import http
from chassis.http import RemoteKeys, create_client
from chassis.keys import new_private_jwk, public_jwk

ONE, TWO = public_jwk(new_private_jwk("one")), public_jwk(new_private_jwk("two"))


class Peer:
    """A peer that publishes `keys`, and counts who asks."""

    def __init__(self) -> None:
        self.keys: list[Any] = [ONE]
        self.asked = 0
        self.answer: Callable[[], httpx.Response] | None = None
        self.pause_s = 0.0
        transport = httpx.MockTransport(self._tell)
        self.remote = RemoteKeys(httpx.AsyncClient(transport=transport), "http://peer/jwks")

    async def _tell(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(self.pause_s)
        return self.answer() if self.answer else httpx.Response(200, json={"keys": self.keys})

    async def knows(self, kid: str) -> bool:
        return await self.remote.find(kid) is not None


class Clock:
    """The monotonic clock of `chassis.http`, turned by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(http, "time", made)
    return made


async def test_keys_are_fetched_once_and_remembered(clock: Clock) -> None:
    peer = Peer()
    assert [await peer.knows("one") for _ in range(5)] == [True] * 5
    assert peer.asked == 1


@asynccontextmanager
async def publishing(*said: bytes) -> AsyncIterator[str]:
    """A peer on a socket, which says this and closes; without a word it is silent for ever."""

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not said:
            await asyncio.sleep(60)
        writer.writelines(said)
        writer.close()

    server = await asyncio.start_server(tell, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
    server.close()


def published(status: str = "200 OK") -> bytes:
    body = json.dumps({"keys": [ONE]})
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize("first", ["away", "leaving", "silent", "broken"])
async def test_the_next_address_is_asked_when_the_first_one_is_of_no_use(
    clock: Clock, first: str
) -> None:
    said = {"leaving": [published("503 Leaving")], "broken": [b"HTTP/1.1 200"]}
    async with (
        publishing(*said.get(first, ())) as one,
        publishing(published()) as other,
        create_client() as client,
    ):
        client.timeout = httpx.Timeout(5.0)  # who is silent is left then
        nobody = "http://127.0.0.1:9/jwks"
        keys = RemoteKeys(client, nobody if first == "away" else one, other)
        if first != "away":  # it was reached: another one is asked when it is time to ask again
            assert await keys.find("one") is None
            clock.now += 2
        assert await keys.find("one") is not None
        clock.now += 301
        assert await keys.find("one") is not None


async def test_an_unknown_key_is_asked_for_once_in_thirty_seconds(clock: Clock) -> None:
    peer = Peer()
    await peer.knows("one")
    clock.now += 31
    assert [await peer.knows(f"forged-{n}") for n in range(50)] == [False] * 50
    assert peer.asked == 2
    clock.now += 29
    assert not await peer.knows("forged")
    assert peer.asked == 2
    clock.now += 2
    assert not await peer.knows("forged")
    assert peer.asked == 3


async def test_a_key_that_changed_right_after_a_fetch_is_found_at_once(clock: Clock) -> None:
    peer = Peer()
    await peer.knows("one")
    clock.now += 301
    await peer.knows("one")  # fetched for its age
    peer.keys = [ONE, TWO]
    clock.now += 0.1
    assert await peer.knows("two")
    assert peer.asked == 3


async def test_a_search_that_failed_is_repeated_after_a_second(clock: Clock) -> None:
    peer = Peer()
    await peer.knows("one")
    peer.keys, peer.answer = [ONE, TWO], lambda: httpx.Response(503)
    assert [await peer.knows("two") for _ in range(5)] == [False] * 5
    assert peer.asked == 2
    peer.answer = None
    clock.now += 1.1
    assert await peer.knows("two")


async def test_who_searches_while_another_does_waits_for_the_answer(clock: Clock) -> None:
    peer = Peer()
    await peer.knows("one")
    peer.keys, peer.pause_s = [ONE, TWO], 0.05
    assert await asyncio.gather(*(peer.knows("two") for _ in range(50))) == [True] * 50
    assert peer.asked == 2


async def test_a_new_key_is_found_beside_the_old_one(clock: Clock) -> None:
    peer = Peer()
    await peer.knows("one")
    peer.keys = [ONE, TWO]
    clock.now += 31
    assert await peer.knows("two")
    assert await peer.knows("one")
    assert peer.asked == 2


async def test_a_key_that_was_withdrawn_is_forgotten_after_five_minutes(clock: Clock) -> None:
    peer = Peer()
    await peer.knows("one")
    peer.keys = [TWO]
    assert await peer.knows("one")
    clock.now += 301
    assert not await peer.knows("one")
    assert await peer.knows("two")


FAILURES: dict[str, Callable[[], httpx.Response]] = {
    "500": lambda: httpx.Response(500),
    "no JSON": lambda: httpx.Response(200, text="<html>"),
    "no keys": lambda: httpx.Response(200, json={}),
    "a list": lambda: httpx.Response(200, json=[]),
    "keys a number": lambda: httpx.Response(200, json={"keys": 7}),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_a_failed_fetch_is_repeated_after_a_second(
    clock: Clock, failure: Callable[[], httpx.Response]
) -> None:
    peer = Peer()
    peer.answer = failure
    assert [await peer.knows("one") for _ in range(5)] == [False] * 5
    assert peer.asked == 1
    peer.answer = None
    clock.now += 1.1
    assert await peer.knows("one")


async def test_old_keys_serve_while_the_peer_is_away(clock: Clock) -> None:
    peer = Peer()
    await peer.knows("one")
    peer.answer = lambda: httpx.Response(503)
    clock.now += 301
    assert await peer.knows("one")
    assert peer.asked == 2


async def test_a_cold_start_refuses_nobody(clock: Clock) -> None:
    peer = Peer()
    peer.pause_s = 0.05
    assert await asyncio.gather(*(peer.knows("one") for _ in range(50))) == [True] * 50
    assert peer.asked == 1


async def test_who_has_a_key_does_not_wait_for_a_slow_peer(clock: Clock) -> None:
    peer = Peer()
    await peer.knows("one")
    clock.now += 301
    peer.pause_s = 600
    slow = asyncio.create_task(peer.knows("one"))
    await asyncio.sleep(0)
    assert await asyncio.wait_for(peer.knows("one"), 30)
    slow.cancel()


async def test_keys_that_we_cannot_read_hide_no_others(clock: Clock) -> None:
    peer = Peer()
    strange: list[Any] = [{"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB"}, {"kid": "bare"}]
    nameless = {k: v for k, v in TWO.items() if k != "kid"}
    peer.keys = [*strange, nameless, "no key", {**TWO, "kid": "short", "x": "AA"}, ONE]
    assert await peer.knows("one")
    assert not await peer.knows("rsa")
    assert not await peer.knows("short")
