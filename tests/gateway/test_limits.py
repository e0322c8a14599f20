"""Limits as callers of a running gateway meet them."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from chassis import openapi
from gateway.contract.document import committed, merged
from tests.gateway.conftest import Narrow
from tests.gateway.world import Gateway, Recorder, answer, read_all
from tests.town import problem

POLICY = re.compile(r'"client";q=(\d+);w=(?:60|3600), "daily";q=(\d+);w=86400')
STATE = re.compile(r'"(client|daily)";r=(\d+);t=(\d+)')
METHODS = {"get", "post", "put", "patch", "delete"}
OPERATIONS = [
    (method.upper(), item.get("servers", [{"url": "/v1"}])[0]["url"].rstrip("/") + path)
    for path, item in merged(committed())["paths"].items()
    for method in item
    if method in METHODS
]


@pytest.fixture
async def caller(narrow: Narrow) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=narrow.url, timeout=10) as found:
        yield found


def state(answered: httpx.Response) -> tuple[str, int, int]:
    """Which policy is the tightest, what remains of it, in how many seconds there is more."""
    assert POLICY.fullmatch(answered.headers["ratelimit-policy"])
    found = STATE.fullmatch(answered.headers["ratelimit"])
    assert found is not None, answered.headers["ratelimit"]
    return found[1], int(found[2]), int(found[3])


def remaining(answered: httpx.Response) -> int:
    return state(answered)[1]


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "01980000-0000-7000-8000-000000000000", path)


def test_there_are_operations() -> None:
    assert len(OPERATIONS) > 80


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_every_answer_of_every_route_says_what_remains(
    gateway: Gateway, client: httpx.AsyncClient, method: str, path: str
) -> None:
    for headers in ({}, await gateway.bearer("third_party"), {"Authorization": "Bearer x"}):
        answered = await client.request(method, filled(path), headers=headers)
        if path.startswith("/health/"):
            assert "ratelimit" not in answered.headers
        else:
            assert remaining(answered) > 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/docs", 200),
        ("GET", "/docs/assets/start.js", 200),
        ("GET", "/.well-known/openid-configuration", 200),
        ("GET", "/.well-known/oauth-authorization-server", 200),
        ("GET", "/oauth2/jwks", 200),
        ("POST", "/oauth2/token", 400),
        ("GET", "/verify/AAAAAAAAAA", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1/cooperatives/%00", 404),
        ("GET", "/v1/../me", 404),
        ("DELETE", "/v1/problems", 405),
        ("TRACE", "/v1/problems", 405),
        ("OPTIONS", "/v1/problems", 405),
        ("GET", "/v1/lenders", 503),  # nobody listens there
    ],
)
async def test_answers_that_the_gateway_makes_itself_say_it_too(
    gateway: Gateway, client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answered = await client.request(method, path)
    assert answered.status_code == status
    assert remaining(answered) > 0


async def test_a_crash_says_it_too(gateway: Gateway, client: httpx.AsyncClient) -> None:
    contract = gateway.app.state.contract
    gateway.app.state.contract = None
    try:
        answered = await client.get("/v1/openapi.json")
    finally:
        gateway.app.state.contract = contract
    assert problem(answered)["code"] == "INTERNAL_ERROR"
    assert remaining(answered) > 0


async def test_probes_and_peers_are_never_refused(caller: httpx.AsyncClient) -> None:
    for _ in range(10):
        for path in ("/health/live", "/internal/v1/jwks"):
            answered = await caller.get(path)
            assert answered.status_code == 200
            assert "ratelimit" not in answered.headers


async def test_what_costs_something_is_counted_though_it_is_internal(
    narrow: Narrow,
    caller: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []

    def document(app: Any) -> dict[str, Any]:
        made.append(app)
        return {}

    monkeypatch.setattr(openapi, "document", document)
    monkeypatch.setattr(narrow.app.state, "_state", dict(narrow.app.state._state))
    narrow.app.state._state.pop("own_contract", None)
    answers = [await caller.get("/internal/v1/openapi.json") for _ in range(5)]
    assert [found.status_code for found in answers] == [200] * 4 + [429]
    assert len(made) == 1


async def test_who_asks_too_fast_is_told_how_long_to_wait(
    narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    answers = [await caller.get("/v1/cooperatives") for _ in range(5)]
    assert [found.status_code for found in answers] == [200] * 4 + [429]
    assert [state(found) for found in answers] == [
        ("client", 3, 15),
        ("client", 2, 15),
        ("client", 1, 15),
        ("client", 0, 15),
        ("client", 0, 15),
    ]
    assert answers[-1].headers["retry-after"] == "15"
    narrow.hand.pass_s(14.9)
    assert (await caller.get("/v1/cooperatives")).status_code == 429
    narrow.hand.pass_s(0.1)
    assert (await caller.get("/v1/cooperatives")).status_code == 200


@pytest.mark.parametrize(
    ("language", "title"),
    [("fr", "Trop de demandes en peu de temps"), ("en", "Too many requests in a short time")],
)
async def test_the_refusal_is_a_problem_that_names_the_policy(
    caller: httpx.AsyncClient, language: str, title: str
) -> None:
    for _ in range(4):
        await caller.get("/v1/problems")
    answered = await caller.get("/v1/problems", headers={"Accept-Language": language})
    body = problem(answered)
    assert (answered.status_code, body["code"], body["title"]) == (429, "RATE_LIMITED", title)
    assert body["violated-policies"] == ["client"]
    assert body["route_class"] == "PUBLIC"
    assert (body["quota"], body["window_s"], body["retry_after_s"]) == (4, 60, 15)
    assert answered.headers["cache-control"] == "no-store"
    assert answered.headers["x-request-id"]


async def test_the_day_has_a_quota_of_its_own(narrow: Narrow, caller: httpx.AsyncClient) -> None:
    for _ in range(7):
        narrow.hand.pass_s(60)
        assert (await caller.get("/v1/problems")).status_code == 200
    narrow.hand.pass_s(60)
    answered = await caller.get("/v1/problems")
    body = problem(answered)
    assert (answered.status_code, body["code"]) == (429, "QUOTA_EXCEEDED")
    assert body["violated-policies"] == ["daily"]
    assert state(answered) == ("daily", 0, 3_600)
    assert answered.headers["retry-after"] == "3600"
    narrow.hand.day += 1
    assert (await caller.get("/v1/problems")).status_code == 200


async def test_an_answer_already_known_is_free(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient, registry: Recorder
) -> None:
    async def unchanged(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        is_known = (b"if-none-match", b'"7"') in scope["headers"]
        if is_known:
            await send({"type": "http.response.start", "status": 304, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await answer(send, 200, b"{}", [(b"etag", b'"7"')])

    registry.acts["/v1/filings/unchanged"] = unchanged
    bearer = await gateway.bearer("volunteer")
    first = await caller.get("/v1/filings/unchanged", headers=bearer)
    assert remaining(first) == 4
    for _ in range(20):
        again = await caller.get(
            "/v1/filings/unchanged", headers={**bearer, "If-None-Match": '"7"'}
        )
        assert (again.status_code, remaining(again)) == (304, 4)


@pytest.mark.parametrize("named", ["*", ", ".join(f'"{n}"' for n in range(9)), "7", ""])
async def test_who_does_not_say_what_they_hold_asks_like_everybody(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient, registry: Recorder, named: str
) -> None:
    async def unchanged(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await send({"type": "http.response.start", "status": 304, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    registry.acts["/v1/filings/unchanged"] = unchanged
    asked = {**await gateway.bearer("volunteer"), "If-None-Match": named}
    answers = [await caller.get("/v1/filings/unchanged", headers=asked) for _ in range(6)]
    assert [found.status_code for found in answers] == [304] * 5 + [429]
    assert [remaining(found) for found in answers] == [4, 3, 2, 1, 0, 0]


async def test_two_clients_do_not_share(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    one, other = await gateway.bearer("volunteer"), await gateway.bearer("instructor")
    for _ in range(5):
        await caller.get("/v1/me", headers=one)
    assert (await caller.get("/v1/me", headers=one)).status_code == 429
    assert remaining(await caller.get("/v1/me", headers=other)) == 4
    assert remaining(await caller.get("/v1/problems")) == 3  # nor does the address they come from


async def test_all_tokens_of_a_client_count_together(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    for _ in range(5):
        bearer = {"Authorization": f"Bearer {gateway.made()}"}
        assert (await caller.get("/v1/me", headers=bearer)).status_code == 200
    fresh = {"Authorization": f"Bearer {gateway.made()}"}
    assert (await caller.get("/v1/me", headers=fresh)).status_code == 429


async def test_persons_of_one_application_do_not_share(
    gateway: Gateway, caller: httpx.AsyncClient, narrow: Narrow
) -> None:
    left = []
    for person in ("user-1", "user-2", "user-1"):
        token = gateway.made(client_id="frontend", sub=person)
        answered = await caller.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        left.append(remaining(answered))
    assert left == [4, 4, 3]


async def test_each_class_of_routes_has_its_own_room(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    bearer = await gateway.bearer("volunteer")
    asked = [
        ("GET", "/v1/cooperatives", 4),
        ("POST", "/v1/filings", 1),
        ("GET", "/v1/cooperatives?q=diende", 1),
        ("GET", "/v1/cooperatives?limit=5&%71=diende", 0),
        ("GET", "/v1/cooperatives?q=", 3),
        ("GET", "/v1/me", 2),
        ("PATCH", "/v1/filings/1", 0),
    ]
    found = [
        (method, path, remaining(await caller.request(method, path, headers=bearer)))
        for method, path, _ in asked
    ]
    assert found == asked
    for path in ("/v1/documents", "/v1/exports", "/v1/imports/1", "/v1/snapshots/latest"):
        assert problem(await caller.get(path, headers=bearer))["route_class"] == "HEAVY"


async def test_a_token_that_does_not_hold_counts_for_its_address(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    expired = gateway.made(sub="somebody", exp=1)
    tried = [f"Bearer {expired}", "Bearer x", "Basic eDp5", "nonsense"]
    answers = [await caller.get("/v1/me", headers={"Authorization": value}) for value in tried]
    assert [found.status_code for found in answers] == [401] * 4
    assert [remaining(found) for found in answers] == [3, 2, 1, 0]
    more = await caller.get("/v1/me", headers={"Authorization": "Bearer x"})
    assert problem(more)["route_class"] == "PUBLIC"
    good = await caller.get("/v1/me", headers=await gateway.bearer("volunteer"))
    assert good.status_code == 200


async def test_the_token_endpoint_counts_by_address(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    form = {"grant_type": "client_credentials"}
    answers = [
        await caller.post("/oauth2/token", data=form, auth=gateway.basic("volunteer")),
        await caller.post("/oauth2/token", data=form, auth=("nobody", "wrong")),
        await caller.post("/oauth2/token", headers=await gateway.bearer("volunteer")),
    ]
    assert [found.status_code for found in answers] == [200, 401, 400]
    assert [remaining(found) for found in answers] == [2, 1, 0]
    refused = await caller.post("/oauth2/token", data=form, auth=gateway.basic("volunteer"))
    assert problem(refused)["route_class"] == "TOKENS"
    assert (await caller.get("/oauth2/jwks")).status_code == 200


async def test_what_was_refused_never_left_for_a_service(
    narrow: Narrow, caller: httpx.AsyncClient, registry: Recorder
) -> None:
    for _ in range(9):
        await caller.get("/v1/cooperatives/counted")
    assert registry.count("/v1/cooperatives/counted") == 4


async def test_limits_can_be_read_without_using_any(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    bearer = await gateway.bearer("volunteer")
    for _ in range(2):
        await caller.get("/v1/me", headers=bearer)
    answers = [await caller.get("/v1/me/limits", headers=bearer) for _ in range(19)]
    before = datetime.now(UTC)
    answers.append(await caller.get("/v1/me/limits", headers=bearer))
    after = datetime.now(UTC)
    assert {found.status_code for found in answers} == {200}
    assert {state(found) for found in answers} == {("client", 3, 12)}
    body: dict[str, Any] = answers[-1].json()
    assert body["tier"] == "STANDARD"
    assert [item["route_class"] for item in body["items"]] == ["READS", "WRITES", "HEAVY"]
    client, daily = body["items"][0]["policies"]
    resets_at = datetime.fromisoformat(client.pop("resets_at"))
    assert before + timedelta(seconds=23) < resets_at <= after + timedelta(seconds=24)
    assert client == {"name": "client", "quota": 5, "window_s": 60, "remaining": 3}
    daily.pop("resets_at")
    assert daily == {"name": "daily", "quota": 8, "window_s": 86_400, "remaining": 6}
    assert answers[-1].headers["cache-control"] == "no-store"


async def test_limits_can_be_read_when_nothing_is_left(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    bearer = await gateway.bearer("volunteer")
    for _ in range(6):
        await caller.get("/v1/me", headers=bearer)
    answered = await caller.get("/v1/me/limits", headers=bearer)
    assert answered.status_code == 200
    assert remaining(answered) == 0


async def test_strangers_do_not_read_limits_for_free(
    narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    answers = [
        await caller.get("/v1/me/limits", headers={"Authorization": "Bearer x"}) for _ in range(5)
    ]
    assert [found.status_code for found in answers] == [401] * 4 + [429]


async def test_each_tier_has_its_own_room(
    gateway: Gateway, narrow: Narrow, caller: httpx.AsyncClient
) -> None:
    left = []
    for tier in ("STANDARD", "HIGH", "GOLD", None):  # nobody defined GOLD
        token = gateway.made(client_id=f"client-{tier}", tier=tier)
        answered = await caller.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        left.append(remaining(answered))
        told = await caller.get("/v1/me/limits", headers={"Authorization": f"Bearer {token}"})
        assert told.json()["tier"] == (tier if tier == "HIGH" else "STANDARD")
    assert left == [4, 5_999, 4, 4]


@pytest.mark.parametrize(
    ("language", "title"),
    [("fr", "Trop de demandes d'ici"), ("en", "Too many requests from here")],
)
async def test_persons_are_told_on_a_page(
    caller: httpx.AsyncClient, language: str, title: str
) -> None:
    told = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": language}
    for _ in range(2):
        await caller.get("/oauth2/authorize", headers=told)
    answered = await caller.get("/oauth2/authorize", headers=told)
    assert answered.status_code == 429
    assert title in html.unescape(answered.text)
    assert int(answered.headers["retry-after"]) >= state(answered)[2] > 0
    assert "default-src 'none'" in answered.headers["content-security-policy"]
    program = await caller.get("/oauth2/authorize")
    assert problem(program)["route_class"] == "SIGN_IN"
