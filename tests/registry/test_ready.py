"""The lane of ready bytes, on a server that really runs, held against the route beside it."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import logs
from chassis.ready import Lane, Place
from chassis.ready_lists import _parameters
from chassis.swift import SwiftProtocol
from tests.gateway.conftest import bound, serving, url_of
from tests.registry.people import a_filer, registered
from tests.town import Town

_PATIENCE_S = 30  # of callers on a machine that stands still for a while
_OF_THE_REQUEST = {"x-request-id", "date", "content-length"}


@pytest.fixture(scope="module")
async def address(town: Town) -> AsyncIterator[str]:
    found = bound()
    async with serving(town.apps["registry"], found, protocol=SwiftProtocol):
        yield url_of(found)


@pytest.fixture
async def caller(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE_S) as client:
        yield client


@pytest.fixture(scope="module")
async def cooperative(town: Town) -> str:
    await registered(town, a_filer())  # so that a page of one has a next one
    return f"/v1/cooperatives/{(await registered(town, a_filer()))['cooperative_id']}"


def _told(answer: httpx.Response) -> dict[str, str]:
    return {k: v for k, v in answer.headers.items() if k not in _OF_THE_REQUEST}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the lane answered: the statuses."""
    statuses: list[int] = []
    question = Lane.question

    def noted(self: Lane, scope: Any) -> Any:
        found = question(self, scope)
        return found and found._replace(place=_Noting(found.place, statuses))

    monkeypatch.setattr(Lane, "question", noted)
    return statuses


class _Noting:
    """A place of the lane that notes the statuses of its answers."""

    def __init__(self, place: Place, statuses: list[int]) -> None:
        self._place, self._statuses = place, statuses

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place, name)

    def answer(self, *given: Any) -> Any:
        """The same answer."""
        status, *rest = self._place.answer(*given)
        self._statuses.append(status)
        return status, *rest


async def test_the_lane_says_what_the_route_says(
    town: Town, caller: httpx.AsyncClient, cooperative: str, taken: list[int]
) -> None:
    ready = await caller.get(cooperative)
    assert taken == [200]
    async with town.client("registry") as client:
        typed = await client.get(cooperative)
    assert ready.json() == typed.json()
    assert _told(ready) == _told(typed)


async def test_who_holds_the_version_gets_no_body(
    town: Town, caller: httpx.AsyncClient, cooperative: str, taken: list[int]
) -> None:
    tag = (await caller.get(cooperative)).headers["etag"]
    for sent in (tag, f"W/{tag}", f'"999", {tag}', "*"):
        headers = {"If-None-Match": sent}
        ready = await caller.get(cooperative, headers=headers)
        async with town.client("registry") as client:
            typed = await client.get(cooperative, headers=headers)
        assert (ready.status_code, ready.content) == (typed.status_code, b"") == (304, b"")
        assert _told(ready) == _told(typed)
    for sent in ('"999"', "nonsense", ""):
        answer = await caller.get(cooperative, headers={"If-None-Match": sent})
        assert answer.status_code == 200
    assert taken == [200, 304, 304, 304, 304, 200, 200, 200]


def _page(answer: httpx.Response) -> dict[str, Any]:
    # a cursor says until when it is good: to the second
    body = answer.json()
    return {**body, "next_cursor": body["next_cursor"] is None, "next": body["next"] is None}


async def test_the_lane_lists_what_the_route_lists(
    town: Town, caller: httpx.AsyncClient, cooperative: str, taken: list[int]
) -> None:
    for _ in range(3):
        await registered(town, a_filer())
    for query in ("", "?limit=2", "?limit=200"):
        ready = await caller.get(f"/v1/cooperatives{query}")
        async with town.client("registry") as client:
            typed = await client.get(f"/v1/cooperatives{query}")
        assert _page(ready) == _page(typed)
        told = [{**_told(answer), "link": "link" in answer.headers} for answer in (ready, typed)]
        assert told[0] == told[1]
    assert taken == [200] * 3


async def test_the_lane_walks_to_the_end_by_its_own_links(
    town: Town, caller: httpx.AsyncClient, cooperative: str, taken: list[int]
) -> None:
    everything, query = [], "limit=200&life=REGISTERED"  # narrowed: the route answers
    async with town.client("registry") as client:
        while query:
            page = (await client.get(f"/v1/cooperatives?{query}")).json()
            everything += page["items"]
            query = (page["next"] or "").partition("?")[2]
    taken.clear()
    seen, query = [], "limit=3"
    while query:
        answer = await caller.get(f"/v1/cooperatives?{query}")
        seen += answer.json()["items"]
        link = answer.headers.get("link", "")
        assert (answer.json()["next"] or "") == link.removesuffix('>; rel="next"')[1:]
        query = (answer.json()["next"] or "").partition("?")[2]
    assert [one for one in seen if one["life"] == "REGISTERED"] == everything
    assert set(taken) == {200}
    assert len(taken) == -(-len(seen) // 3)


def test_a_cursor_may_begin_with_any_character_and_a_limit_not_with_a_nought() -> None:
    assert _parameters(b"limit=3&cursor=0abc") == {b"limit": b"3", b"cursor": b"0abc"}
    assert [_parameters(query) for query in (b"limit=03", b"limit=" + b"9" * 600)] == [None] * 2


async def test_lists_that_are_narrowed_or_wrong_are_left_to_the_route(
    caller: httpx.AsyncClient, cooperative: str, taken: list[int]
) -> None:
    cursor = (await caller.get("/v1/cooperatives?limit=1")).json()["next_cursor"]
    narrowed = (await caller.get("/v1/cooperatives?limit=1&life=REGISTERED")).json()["next_cursor"]
    taken.clear()
    asked = {
        "limit=0": 400, "limit=201": 400, "limit=007": 200, "limit=+5": 200, "limit=": 400,
        "limit=2&limit=3": 400, "cursor=": 200, "cursor=x": 400, f"cursor={cursor}x": 400,
        f"cursor={narrowed}": 400, "life=REGISTERED": 200, "Limit=2": 400, "&": 200,
        f"cursor={cursor}&limit=5&x=1": 400, "limit=%32": 200,
    }  # fmt: skip
    found = {q: (await caller.get(f"/v1/cooperatives?{q}")).status_code for q in asked}
    assert found == asked
    assert taken == []


async def test_what_the_route_has_to_say_is_left_to_it(
    caller: httpx.AsyncClient, cooperative: str, taken: list[int]
) -> None:
    statuses = {
        (await caller.get(f"{cooperative}?as_of=2000-01-01")).status_code,
        (await caller.get(f"/v1/cooperatives/{uuid4()}")).status_code,
        (
            await caller.get(cooperative.upper().replace("/V1/COOPERATIVES", "/v1/cooperatives"))
        ).status_code,
        (await caller.get("/v1/cooperatives/" + "z" * 36)).status_code,
        (await caller.get(f"{cooperative}?asof=2026-01-01")).status_code,
        (await caller.get(cooperative, headers={"Authorization": "Bearer x"})).status_code,
        (await caller.get(cooperative, headers={"If-None-Match": "x" * 2_000})).status_code,
        (await caller.delete(cooperative)).status_code,
        (await caller.head(cooperative)).status_code,
        (await caller.request("GET", cooperative, content=b"{}")).status_code,
    }
    assert statuses == {404, 200, 400, 401, 405}
    assert taken == []


async def test_a_token_is_verified_once_by_the_route_and_remembered_by_the_lane(
    town: Town, caller: httpx.AsyncClient, cooperative: str, taken: list[int]
) -> None:
    token = town.token(a_filer(), "registry")
    for said in (f"Bearer {token}", f"Bearer {token}", token, f"bearer {token}", f"Basic {token}"):
        await caller.get(cooperative, headers={"Authorization": said})
    assert taken == [200]
    naked = await caller.get(cooperative, headers={"Authorization": token})
    assert naked.status_code == 401


async def test_what_is_remembered_ends_with_the_token(
    town: Town, caller: httpx.AsyncClient, cooperative: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = town.token(a_filer(), "registry")
    verifier = town.apps["registry"].state.verifier
    assert verifier.remembered(token) is None
    await caller.get(cooperative, headers={"Authorization": f"Bearer {token}"})
    assert verifier.remembered(token) is not None
    later = time.time() + 61
    monkeypatch.setattr("chassis.auth.time.time", lambda: later)
    assert verifier.remembered(token) is None


async def test_many_at_once_each_get_their_own(
    town: Town, address: str, cooperative: str, taken: list[int]
) -> None:
    others = [await registered(town, a_filer()) for _ in range(3)]
    paths = [cooperative, *(f"/v1/cooperatives/{made['cooperative_id']}" for made in others)]
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE_S) as client:
        answers = await asyncio.gather(*(client.get(paths[n % 4]) for n in range(80)))
    assert [a.json()["id"] for a in answers] == [paths[n % 4][-36:] for n in range(80)]
    assert taken == [200] * 80


async def test_pipelined_requests_are_answered_in_order(
    address: str, cooperative: str, taken: list[int]
) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    one = f"GET {cooperative} HTTP/1.1\r\nHost: x\r\n\r\n"
    absent = f"GET /v1/cooperatives/{uuid4()} HTTP/1.1\r\nHost: x\r\n\r\n"
    last = f"GET {cooperative} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    writer.write(f"{one}{absent}{one}{last}".encode())
    said = await asyncio.wait_for(reader.read(), _PATIENCE_S)
    statuses = [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 404, 200, 200]
    assert taken == [200, 200, 200]
    assert b"connection: close" in said.rpartition(b"HTTP/1.1 ")[2]
    writer.close()
    await writer.wait_closed()


async def test_it_is_logged_like_any_request(
    caller: httpx.AsyncClient, cooperative: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(logs.visits, "out", written)
    sent = {"X-Request-Id": "tel-771234567", "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    ready = await caller.get(cooperative, headers=sent)
    await caller.get(f"{cooperative}?as_of=2099-12-28", headers=sent)
    assert ready.headers["x-request-id"] == "tel-771234567"
    logs.visits.flush()
    lines = map(json.loads, written.getvalue().splitlines())
    ours = [line for line in lines if line["trace_id"] == "ab" * 16]
    first, second = ({**line, "ms": 0, "timestamp": ""} for line in ours)
    assert first == second
    assert first["route"] == "/v1/cooperatives/{id}"
    assert first["trace_id"] == "ab" * 16
    assert first["request_id"] == "tel[masked]"
