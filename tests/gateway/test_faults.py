"""What callers see while a service fails in every way there is, and when it is back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from inspect import isawaitable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.app import create_app
from gateway.app import define
from gateway.settings import GatewaySettings
from gateway.upstreams.breaker import Breaking
from tests.gateway.conftest import bound, serving, url_of
from tests.gateway.trouble import WAYS, Trouble, trouble
from tests.gateway.world import Gateway
from tests.town import problem

LONG_S = 60
LEFT_OPEN_S = 600.0
OPEN = {"SERVICE_UNAVAILABLE"}
TOLD = {"SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT"}


@pytest.fixture
async def financing() -> AsyncIterator[Trouble]:
    async with trouble() as found:
        yield found


@pytest.fixture
async def registry() -> AsyncIterator[Trouble]:
    async with trouble() as found:
        yield found


class Starter(AsyncExitStack):
    """Starts gateways with the policies of production; gives a client of each."""

    def __init__(self, settings: GatewaySettings) -> None:
        super().__init__()
        self.settings = settings
        self.routing: Any = None

    async def __call__(self, peers: dict[str, Any], **changes: Any) -> httpx.AsyncClient:
        several = {name: told for name, told in peers.items() if isinstance(told, list)}
        firsts = {name: urls[0] for name, urls in several.items()}
        told = {**self.settings.peers, **peers, **firsts}
        made = {"upstream_failures": 5, "peers": told, "addresses": several, **changes}
        found = bound()
        app = create_app(define(self.settings.model_copy(update=made)))
        self.routing = app.state.routing
        await self.enter_async_context(serving(app, found, lifespan="on"))
        client = httpx.AsyncClient(base_url=url_of(found), timeout=LONG_S)
        return await self.enter_async_context(client)


@pytest.fixture
async def start(settings: GatewaySettings) -> AsyncIterator[Starter]:
    async with Starter(settings) as found:
        yield found


async def code_of(client: httpx.AsyncClient, path: str, method: str = "GET", **said: Any) -> str:
    """The code of a refusal, OK for an answer, BROKEN for half of one."""
    try:
        answer = await client.request(method, path, **said)
    except httpx.RemoteProtocolError:
        return "BROKEN"
    if answer.status_code == 200:
        return "OK"
    if answer.status_code == 503:
        told_s = int(answer.headers["retry-after"])
        assert told_s == 1 or LEFT_OPEN_S - LONG_S <= told_s <= LEFT_OPEN_S
    return str(problem(answer)["code"])


async def until(holds: Callable[[], Any]) -> None:
    """Wait for what must come, as long as it takes; `holds` may be a coroutine function."""
    for _ in range(LONG_S * 20):
        found = holds()
        if await found if isawaitable(found) else found:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to pass")


async def is_well(client: httpx.AsyncClient) -> bool:
    return await code_of(client, "/v1/offers/1") == "OK"


async def break_down(found: Trouble, way: str) -> None:
    found.way = way
    if way == "closed":
        await found.die()


def leave_open(start: Starter, seconds: float = LEFT_OPEN_S) -> None:
    """Let what opens stay open for so long, however late the next call comes."""
    for address in start.routing.upstreams["financing"].addresses:
        address.breaker._policy = replace(address.breaker._policy, open_s=seconds)


async def until_open(client: httpx.AsyncClient, found: Trouble) -> None:
    """Call ten at once: afterwards nothing reaches it any more."""
    told = await asyncio.gather(*(code_of(client, "/v1/offers/1") for _ in range(10)))
    assert set(told) <= {*TOLD, "BROKEN"}
    reached = found.count
    assert await code_of(client, "/v1/offers/1") in OPEN
    assert found.count == reached


@pytest.mark.parametrize("way", WAYS)
async def test_every_call_ends_as_a_problem_and_after_ten_nothing_is_asked(
    start: Starter, financing: Trouble, way: str
) -> None:
    client = await start({"financing": financing.url})
    leave_open(start)
    assert await code_of(client, "/v1/offers/1") == "OK"
    await break_down(financing, way)
    await until_open(client, financing)


@pytest.mark.parametrize("way", WAYS)
async def test_what_an_overview_meets_is_in_the_books(
    start: Starter, gateway: Gateway, financing: Trouble, way: str
) -> None:
    client = await start({"financing": financing.url}, overview_patience_s=1.0)
    leave_open(start)
    bearer = await gateway.bearer("cooperative")
    await break_down(financing, way)
    path = f"/v1/cooperatives/{uuid4()}/overview"
    looks = [client.get(path, headers=bearer) for _ in range(5)]
    told = [found.json()["financing"]["status"] for found in await asyncio.gather(*looks)]
    assert told == ["UNAVAILABLE"] * 5
    reached = financing.count
    assert await code_of(client, "/v1/offers/1") in OPEN
    assert financing.count == reached
    places = start.routing.upstreams["financing"]
    assert (places.bulkhead.taken, places.addresses[0].in_flight) == (0, 0)


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_used_again_when_it_is_back(
    start: Starter, financing: Trouble, way: str
) -> None:
    client = await start({"financing": financing.url})
    leave_open(start)
    await break_down(financing, way)
    await until_open(client, financing)
    leave_open(start, Breaking().open_s)
    financing.way = "well"
    financing.release.set()
    if way == "closed":
        await financing.live()
    await until(lambda: is_well(client))
    told = await asyncio.gather(*(code_of(client, "/v1/offers/1") for _ in range(20)))
    assert told == ["OK"] * 20


@pytest.mark.parametrize("way", WAYS)
async def test_a_post_without_a_key_reaches_it_once(
    start: Starter, financing: Trouble, way: str
) -> None:
    client = await start({"financing": financing.url}, upstream_failures=1_000_000)
    for _ in range(20):
        assert await code_of(client, "/v1/offers/0") == "OK"  # there is something to repeat with
    await break_down(financing, way)
    posts = [code_of(client, f"/v1/offers/{n}", "POST", content=b"{}") for n in range(3)]
    assert set(await asyncio.gather(*posts)) <= {*TOLD, "BROKEN"}
    reached = 0 if way == "closed" else 1
    assert [financing.seen[f"POST /v1/offers/{n}"] for n in range(3)] == [reached] * 3


@pytest.mark.parametrize("way", ["resetting", "garbage", "half a head"])
@pytest.mark.parametrize("keyed", ["GET", "PUT", "POST"])
async def test_what_does_no_harm_twice_is_asked_once_more_and_no_more(
    start: Starter, financing: Trouble, way: str, keyed: str
) -> None:
    client = await start({"financing": financing.url}, upstream_failures=1_000_000)
    for _ in range(10):
        await code_of(client, "/v1/offers/0")
    financing.way = way
    told = {"Idempotency-Key": uuid4().hex} if keyed == "POST" else {}
    body = {} if keyed == "GET" else {"content": b"{}"}
    for _ in range(5):  # with the ten before: enough for three repetitions
        assert await code_of(client, "/v1/offers/1", keyed, headers=told, **body) in OPEN
    assert financing.seen[f"{keyed} /v1/offers/1"] == 5 + 3


async def test_of_two_addresses_the_one_that_died_is_left_out(
    start: Starter, financing: Trouble, registry: Trouble
) -> None:
    client = await start({"financing": [financing.url, registry.url]})
    for _ in range(40):
        assert await code_of(client, "/v1/offers/1") == "OK"
    assert financing.count == registry.count == 20
    await financing.die()
    told = [await code_of(client, "/v1/offers/1") for _ in range(40)]
    assert told == ["OK"] * 40  # whoever met the dead one was asked again at the other
    told = [await code_of(client, "/v1/offers/1", "POST", content=b"{}") for _ in range(5)]
    assert told == ["OK"] * 5  # by now it is left out for everybody


async def test_a_service_that_hangs_takes_no_room_from_the_others(
    start: Starter, financing: Trouble, registry: Trouble
) -> None:
    client = await start(
        {"financing": financing.url, "registry": registry.url},
        upstream_connections=20,
        upstream_silence_s=30.0,
    )
    financing.way = "stalled"
    waiting = [asyncio.create_task(code_of(client, f"/v1/offers/{n}")) for n in range(15)]
    await until(lambda: financing.count == 15)
    assert await code_of(client, "/v1/offers/16") == "SERVICE_BUSY"
    writing = code_of(client, "/v1/offers/17", "POST", content=b"{}")
    waiting.append(asyncio.create_task(writing))
    deciding = code_of(client, "/v1/lender/assignments/1/decisions", "POST", content=b"{}")
    waiting.append(asyncio.create_task(deciding))
    told = [await code_of(client, "/v1/cooperatives") for _ in range(20)]
    assert told == ["OK"] * 20
    assert financing.count == 17
    financing.release.set()
    assert await asyncio.gather(*waiting) == ["OK"] * 17


async def test_a_caller_who_leaves_gives_back_the_place(start: Starter, financing: Trouble) -> None:
    client = await start({"financing": financing.url}, upstream_connections=2)
    financing.way = "stalled"
    for _ in range(5):
        before = financing.count
        waiting = asyncio.create_task(client.get("/v1/offers/1"))
        await until(lambda n=before: financing.count > n)  # type: ignore[misc]
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await until(lambda: start.routing.upstreams["financing"].bulkhead.taken == 0)
    financing.release.set()
    assert await code_of(client, "/v1/offers/1") == "OK"


async def test_a_service_is_told_how_long_it_is_listened_to(
    start: Starter, registry: Trouble
) -> None:
    client = await start({"registry": registry.url}, patience={"READS": {"read_s": 0.4}})
    registry.way = "stalled"
    assert await code_of(client, "/v1/cooperatives") == "GATEWAY_TIMEOUT"
    registry.way = "well"
    assert await code_of(client, "/v1/filings", "POST", content=b"{}") == "OK"
    assert await code_of(client, "/v1/filings", "POST", content=b"{" * 3_000_000) == "OK"
    heads = [head for head in registry.heads if " /v1/" in head]
    told = [head.partition("x-request-deadline-ms: ")[2].partition("\r\n")[0] for head in heads]
    # of a body that still comes the service learns the end of all; this gateway waits 1 s at most
    assert told == ["400", "1000", "120000"]


async def test_who_looks_finds_out_before_any_caller_does(
    start: Starter, financing: Trouble
) -> None:
    client = await start({"financing": financing.url}, upstream_check_s=0.05)
    await financing.die()
    (address,) = start.routing.upstreams["financing"].addresses
    await until(lambda: not address.breaker.lets)
    assert await code_of(client, "/v1/offers/1") in OPEN
    await financing.live()
    await until(lambda: is_well(client))
