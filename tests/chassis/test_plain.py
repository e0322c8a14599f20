"""A plain route beside an ordinary one: the same declaration, the same answers."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.datastructures import QueryParams
from starlette.responses import PlainTextResponse

from chassis.fields import Day, Id
from chassis.parameters import PathCode, PathId, pairs
from chassis.plain import PlainRoute
from chassis.versions import IfNoneMatch
from services.registry.cooperatives.routes import router as cooperatives
from services.registry.filings.routes import router as filings


class Shown(BaseModel):
    id: str
    said: dict[str, Any]


async def _counted(request: Request) -> int:
    request.state.count = getattr(request.state, "count", 0) + 1
    return int(request.state.count)


Counted = Annotated[int, Depends(_counted)]


async def _twice(counted: Counted, limit: Annotated[int, Query(ge=1, le=9)] = 5) -> tuple[int, int]:
    return counted, limit


async def _closed() -> AsyncIterator[int]:
    yield 1


async def read(
    response: Response,
    id: PathId,
    *,
    counted: Counted,
    twice: Annotated[tuple[int, int], Depends(_twice)],
    on: Annotated[Day | None, Query()] = None,
    other: Annotated[Id | None, Query()] = None,
    if_none_match: IfNoneMatch = None,
    accept: Annotated[str, Header()] = "none",
) -> Shown | Response:
    if if_none_match == '"1"':
        return Response(status_code=304, headers={"ETag": '"1"'})
    response.headers["ETag"] = '"1"'
    said = {"on": on, "other": other, "accept": accept, "counted": [counted, *twice]}
    return Shown(id=str(id), said=said)


async def named(code: PathCode, word: Annotated[str, Query(min_length=2)]) -> Shown:
    return Shown(id=code, said={"word": word})


async def closed(code: PathCode, one: Annotated[int, Depends(_closed)]) -> Shown:
    return Shown(id=code, said={"one": one})


async def several(words: Annotated[list[str], Query()]) -> Shown:
    return Shown(id="", said={"words": words})


_ROUTES: dict[str, Any] = {
    "/things/{id}": read,
    "/named/{code}": named,
    "/closed/{code}": closed,
    "/many": several,
}
_ID = "0198c0de-0000-7000-8000-000000000001"
_ASKED = [
    f"/things/{_ID}",
    f"/things/{_ID.upper()}",
    f"/things/{_ID}?on=2026-06-30&limit=9&other={_ID}",
    f"/things/{_ID}?on=2026-02-30",
    f"/things/{_ID}?on=86400",
    f"/things/{_ID}?on=&limit=",
    f"/things/{_ID}?limit=10&on=no",
    f"/things/{_ID}?limit=1&limit=2",
    f"/things/{_ID}?other={_ID[1:]}",
    "/things/0198",
    "/named/a%20b?word=ab",
    "/named/a?word=a",
    "/named/a",
    f"/named/{'a' * 65}?word=ab",
    "/closed/a",
    "/many?words=a&words=b",
    "/many",
]
_HEADERS: list[dict[str, str]] = [
    {},
    {"Accept": "application/json"},
    {"If-None-Match": '"1"'},
    {"If-None-Match": "x" * 1_025},
]


@pytest.fixture
def app() -> FastAPI:
    found = FastAPI()
    for prefix, kind in (("/plain", PlainRoute), ("/usual", APIRoute)):
        router = APIRouter(prefix=prefix, route_class=kind)
        for path, act in _ROUTES.items():
            router.add_api_route(path, act, response_model=Shown)
        router.add_api_route(
            "/kept",
            keep,
            methods=["POST"],
            status_code=201,
            response_model=Shown,
            dependencies=[Depends(_noted)],
        )
        found.include_router(router)
    return found


@pytest.fixture
async def caller(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://plain.test") as client:
        yield client


@pytest.mark.parametrize("headers", _HEADERS)
@pytest.mark.parametrize("asked", _ASKED)
async def test_a_plain_route_answers_as_an_ordinary_one(
    caller: httpx.AsyncClient, asked: str, headers: dict[str, str]
) -> None:
    plain = await caller.get(f"/plain{asked}", headers=headers)
    usual = await caller.get(f"/usual{asked}", headers=headers)
    assert (plain.status_code, plain.content) == (usual.status_code, usual.content)
    assert sorted(plain.headers.items()) == sorted(usual.headers.items())


_SPECIAL: list[dict[str, Any]] = [
    {"response_model_exclude_none": True},
    {"response_class": PlainTextResponse},
    {"status_code": 203},
    {"methods": ["GET", "POST"]},
]


@pytest.mark.parametrize("special", _SPECIAL)
def test_a_route_with_a_wish_of_its_own_is_left_to_fastapi(special: dict[str, Any]) -> None:
    router = APIRouter(route_class=PlainRoute)
    for path, named in (("/usual", {}), ("/special", special)):
        router.add_api_route(path, _answer, response_model=Shown, **named)
    usual, unusual = (one for one in router.routes if isinstance(one, PlainRoute))
    assert usual.is_plain
    assert not unusual.is_plain


async def _answer() -> Shown:
    return Shown(id="", said={})


async def test_another_method_is_refused_as_always(caller: httpx.AsyncClient) -> None:
    assert (await caller.post(f"/plain/things/{_ID}")).status_code == 405


def test_what_can_be_planned_is(app: FastAPI) -> None:
    routes = {one.name: one for one in cooperatives.routes if isinstance(one, PlainRoute)}
    assert {name for name, one in routes.items() if one.is_plain} == {
        "list_cooperatives",
        "read_cooperative",
    }


async def _opened(request: Request) -> AsyncIterator[list[str]]:
    trail: list[str] = request.app.state.trail
    trail.append("open")
    try:
        yield trail
    except BaseException:
        trail.append("undone")
        raise
    if request.headers.get("x-breaks"):
        raise HTTPException(409)
    trail.append("done")


Opened = Annotated[list[str], Depends(_opened, scope="function")]


async def _noted(trail: Opened) -> None:
    trail.append("noted")


async def _said(request: Request) -> bytes:
    return await request.body()


async def keep(
    opened: Opened,
    said: Annotated[bytes, Depends(_said)],
    response: Response,
    limit: Annotated[int, Query(ge=1, le=9)] = 5,
) -> Shown | Response:
    opened.append(said.decode())
    if said == b"refused":
        raise HTTPException(422)
    response.headers["ETag"] = '"1"'
    if said == b"whole":
        return Response("own", 200)
    return Shown(id="", said={"limit": limit})


_SENT: list[tuple[tuple[str, bytes, dict[str, str]], int]] = [
    (("/kept", b"plain", {}), 201),
    (("/kept?limit=3", b"whole", {}), 200),
    (("/kept?limit=10", b"unread", {}), 422),
    (("/kept", b"refused", {}), 422),
    (("/kept", b"broken", {"x-breaks": "yes"}), 409),
]


@pytest.mark.parametrize(("sent", "status"), _SENT)
async def test_what_a_route_opens_is_closed_before_its_answer(
    app: FastAPI,
    caller: httpx.AsyncClient,
    sent: tuple[str, bytes, dict[str, str]],
    status: int,
) -> None:
    path, body, headers = sent
    seen = []
    for prefix in ("/plain", "/usual"):
        app.state.trail = []
        found = await caller.post(f"{prefix}{path}", content=body, headers=headers)
        seen.append((found.status_code, found.content, found.headers.get("etag"), app.state.trail))
    assert seen[0] == seen[1]
    assert seen[0][0] == status


def test_what_opens_something_is_planned_and_not_plain() -> None:
    router = APIRouter(route_class=PlainRoute)
    router.add_api_route("/kept", keep, methods=["POST"], status_code=201, response_model=Shown)
    [route] = router.routes
    assert isinstance(route, PlainRoute)
    assert (route.is_planned, route.is_plain) == (True, False)


def test_every_act_on_filings_is_planned() -> None:
    assert all(isinstance(one, PlainRoute) and one.is_planned for one in filings.routes)


async def test_the_commit_comes_before_the_first_byte(app: FastAPI) -> None:
    seen: list[list[str]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"a", "more_body": False}

    async def send(message: Any) -> None:
        seen.append([message["type"], *app.state.trail])

    app.state.trail = []
    scope = {"type": "http", "method": "POST", "path": "/plain/kept", "headers": []}
    await app({**scope, "query_string": b""}, receive, send)
    assert seen[0] == ["http.response.start", "open", "noted", "a", "done"]


@given(st.text("aé=&%+;2", max_size=12).map(lambda text: text.encode("latin-1")))
def test_what_stands_in_an_address_is_read_as_starlette_reads_it(query: bytes) -> None:
    assert pairs(query) == QueryParams(query).multi_items()
