"""The short way to a plain route, on a server that really runs, held against the long one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from starlette.responses import Response

from chassis.short import Errand, ShortWay
from chassis.swift import SwiftProtocol
from services.registry.cooperatives import routes
from tests.gateway.conftest import bound, serving, url_of
from tests.registry.people import a_filer, registered
from tests.town import Town, problem

_OF_THE_REQUEST = {"x-request-id", "date"}
_PATIENCE_S = 30  # of callers on a machine that stands still for a while
_OF_THE_MOMENT = ("known_at", "trace_id", "instance")
_ON = "as_of=2099-12-28"  # a day that all which is registered has reached, whenever this runs
# after the address of a cooperative; the last ones are left to the long way
_SHORT = [
    f"?{_ON}",
    f"?{_ON}&known_at=2100-01-01T00:00:00Z",
    "?as_of=2000-01-01",
    "?asof=2026-01-01",
    f"?{_ON}&{_ON}",
    "?as_of=%FF",
]
_LONG = ["?as_of=86400", "?as_of=2026-02-30", "/members", "/%00"]
_SENT: list[dict[str, str]] = [
    {},
    {"If-None-Match": "*"},
    {"Authorization": "Bearer x"},
    {"Authorization": "Basic x"},
    {"Accept-Language": "en"},
]


@pytest.fixture(scope="module")
async def address(town: Town) -> AsyncIterator[str]:
    found = bound()
    async with serving(town.apps["registry"], found, protocol=SwiftProtocol):
        yield url_of(found)


@pytest.fixture(scope="module")
async def cooperative(town: Town) -> str:
    return f"/v1/cooperatives/{(await registered(town, a_filer()))['cooperative_id']}"


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The templates of what was answered by the short way."""
    templates: list[str] = []
    answer = ShortWay.answer

    async def watched(self: ShortWay, errand: Errand) -> Response | None:
        found = await answer(self, errand)
        if found is not None:
            templates.append(errand.route.path)
        return found

    monkeypatch.setattr(ShortWay, "answer", watched)
    return templates


def _said(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    told = {k: v for k, v in answer.headers.items() if k not in _OF_THE_REQUEST}
    body = answer.json() if answer.content else {}
    if cursor := body.get("next_cursor"):  # says until when it is good: to the second
        told["link"] = told["link"].replace(quote(cursor), "CURSOR")
        body |= {"next_cursor": "CURSOR", "next": body["next"].replace(quote(cursor), "CURSOR")}
    return answer.status_code, told, {k: v for k, v in body.items() if k not in _OF_THE_MOMENT}


@pytest.mark.parametrize("sent", _SENT)
async def test_both_ways_say_the_same(
    town: Town, address: str, cooperative: str, went: list[str], sent: dict[str, str]
) -> None:
    paths = [f"{cooperative}{more}" for more in (*_SHORT, *_LONG)]
    paths += [f"/v1/cooperatives/{uuid4()}?{_ON}", "/v1/cooperatives/x", "/v1/cooperatives?limit=0"]
    paths += ["/v1/cooperatives?life=REGISTERED&limit=1", "/v1/cooperatives?q=zz"]
    async with (
        httpx.AsyncClient(base_url=address, timeout=_PATIENCE_S) as one,
        town.client("registry") as other,
    ):
        for path in paths:
            short, long = (await one.get(path, headers=sent), await other.get(path, headers=sent))
            assert _said(short) == _said(long), path
    assert len(went) >= len(_SHORT)
    assert set(went) == {"/v1/cooperatives/{id}", "/v1/cooperatives"}


async def test_what_is_no_plain_question_goes_the_long_way(
    address: str, cooperative: str, went: list[str]
) -> None:
    asked = f"{cooperative}?{_ON}"
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE_S) as client:
        statuses = [
            (await client.head(asked)).status_code,
            (await client.delete(asked)).status_code,
            (await client.request("GET", asked, content=b"{}")).status_code,
            (await client.get(f"{cooperative}/alerts")).status_code,
        ]
    assert statuses[:3] == [200, 405, 200]
    assert went == []


async def test_a_crash_is_told_by_the_long_way(
    address: str, cooperative: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(routes, "validator", crash)
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE_S) as client:
        answer = await client.get(f"{cooperative}?{_ON}")
    assert answer.status_code == 500
    assert problem(answer)["code"] == "INTERNAL_ERROR"


async def test_many_at_once_each_get_their_own_moment(
    town: Town, address: str, cooperative: str, went: list[str]
) -> None:
    other = f"/v1/cooperatives/{(await registered(town, a_filer()))['cooperative_id']}"
    asked = [f"{(cooperative, other)[n % 2]}?as_of=2099-12-{28 - n % 3}" for n in range(60)]
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE_S) as client:
        answers = await asyncio.gather(*(client.get(path) for path in asked))
    for path, answer in zip(asked, answers, strict=True):
        if answer.status_code == 200:
            assert (answer.json()["id"], answer.json()["as_of"]) == (path[17:53], path[-10:])
        else:
            assert problem(answer)["code"] == "NOT_FOUND"
    assert len(went) == 60
    assert 200 in {answer.status_code for answer in answers}
