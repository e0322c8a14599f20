"""Codes and refresh tokens are good once; whoever replays one ends everything that came of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.issuer.families import sha256
from tests.gateway.people import new_person
from tests.gateway.visitor import Visitor
from tests.gateway.world import Gateway

SCOPE = "openid training:read"


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


@pytest.fixture
async def user(gateway: Gateway) -> dict[str, str]:
    return await new_person(gateway, "trainer")


async def works(visitor: Visitor, tokens: dict[str, Any]) -> bool:
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    return (await visitor.http.get("/v1/me", headers=bearer)).status_code == 200


async def end_reason(gateway: Gateway, refresh_token: str) -> str | None:
    rows = await gateway.app.state.reads.fetch(
        "select f.end_reason from refresh_family f join refresh_token t on t.family_id = f.id"
        " where t.sha256 = $1",
        sha256(refresh_token),
    )
    (row,) = rows
    found: str | None = row["end_reason"]
    return found


async def live_tokens(gateway: Gateway, user: dict[str, str]) -> list[int]:
    """How many refresh tokens of each family of the person are unused."""
    rows = await gateway.app.state.reads.fetch(
        "select count(*) filter (where t.used_at is null) as live from refresh_family f"
        " join refresh_token t on t.family_id = f.id where f.account_id = $1 group by f.id",
        user["sub"],
    )
    return [row["live"] for row in rows]


async def test_a_replayed_code_ends_the_family(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    code = await visitor.come_in(user, scope=SCOPE)
    tokens = (await visitor.exchange(code)).json()
    assert await works(visitor, tokens)
    replayed = await visitor.exchange(code)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    assert not await works(visitor, tokens)
    assert (await visitor.refresh(tokens["refresh_token"])).status_code == 400
    assert await end_reason(gateway, tokens["refresh_token"]) == "CODE_REPLAYED"


async def test_an_old_refresh_token_ends_the_family(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    first = await visitor.tokens(user, scope=SCOPE)
    second = (await visitor.refresh(first["refresh_token"])).json()
    third = (await visitor.refresh(second["refresh_token"])).json()
    assert await works(visitor, third)
    replayed = await visitor.refresh(first["refresh_token"])
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    for tokens in (first, second, third):
        assert not await works(visitor, tokens)
    assert (await visitor.refresh(third["refresh_token"])).status_code == 400
    assert await end_reason(gateway, third["refresh_token"]) == "REFRESH_REPLAYED"


async def test_another_authorization_of_the_same_person_lives_on(
    visitor: Visitor, user: dict[str, str]
) -> None:
    one, other = [await visitor.tokens(user, scope=SCOPE) for _ in range(2)]
    newer = (await visitor.refresh(one["refresh_token"])).json()
    await visitor.refresh(one["refresh_token"])
    assert not await works(visitor, newer)
    assert await works(visitor, other)
    assert (await visitor.refresh(other["refresh_token"])).status_code == 200


async def test_twenty_codes_five_times_at_once_are_twenty_tokens(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    codes = [await visitor.come_in(user, scope=SCOPE) for _ in range(20)]
    answers = await asyncio.gather(*(visitor.exchange(code) for code in codes for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {200: 20, 400: 80}
    given = [answer.json() for answer in answers if answer.status_code == 200]
    assert len({tokens["refresh_token"] for tokens in given}) == 20
    assert await live_tokens(gateway, user) == [1] * 20


async def test_ten_refreshes_five_times_at_once_are_ten_new_ones(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    old = [await visitor.tokens(user, scope=SCOPE) for _ in range(10)]
    answers = await asyncio.gather(
        *(visitor.refresh(tokens["refresh_token"]) for tokens in old for _ in range(5))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 10, 400: 40}
    assert await live_tokens(gateway, user) == [1] * 10  # never two that are good


@pytest.mark.parametrize(("earlier", "ends"), [(True, False), (False, True)])
async def test_only_who_came_after_the_use_is_a_thief(
    gateway: Gateway, visitor: Visitor, user: dict[str, str], earlier: bool, ends: bool
) -> None:
    # a request that had arrived before its twin used the token raced with it: no more than that
    first = await visitor.tokens(user, scope=SCOPE)
    second = (await visitor.refresh(first["refresh_token"])).json()
    gateway.app.state.mint.answered._at.clear()  # as another process sees it
    used_at = datetime.now(UTC) + (timedelta(minutes=1) if earlier else -timedelta(seconds=1))
    await gateway.app.state.reads.fetch(
        "update refresh_token set used_at = $2 where sha256 = $1",
        sha256(first["refresh_token"]),
        used_at,
    )
    assert (await visitor.refresh(first["refresh_token"])).status_code == 400
    assert await works(visitor, second) is not ends
    assert (await visitor.refresh(second["refresh_token"])).status_code == (400 if ends else 200)


async def test_a_twin_that_came_before_the_answer_left_is_no_thief(
    gateway: Gateway, visitor: Visitor, user: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # it arrives after the token was used, while the answer is still on its way
    first = await visitor.tokens(user, scope=SCOPE)
    answered = gateway.app.state.mint.answered
    monkeypatch.setattr(answered, "left", lambda _: None)
    second = (await visitor.refresh(first["refresh_token"])).json()
    assert (await visitor.refresh(first["refresh_token"])).status_code == 400
    assert await works(visitor, second)
    monkeypatch.undo()
    answered.left(sha256(first["refresh_token"]))
    assert (await visitor.refresh(first["refresh_token"])).status_code == 400
    assert not await works(visitor, second)


async def test_a_refused_exchange_leaves_the_code_to_its_owner(
    visitor: Visitor, user: dict[str, str]
) -> None:
    code = await visitor.come_in(user, scope=SCOPE)
    assert (await visitor.exchange(code, code_verifier="B" * 43)).status_code == 400
    assert (await visitor.exchange(code)).status_code == 200


async def test_fewer_scopes_may_be_asked_for_and_all_again_later(
    visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope="training:read training:deliver")
    fewer = (await visitor.refresh(tokens["refresh_token"], scope="training:read")).json()
    assert fewer["scope"] == "training:read"
    again = (await visitor.refresh(fewer["refresh_token"])).json()
    assert set(again["scope"].split()) == {"training:read", "training:deliver"}


async def test_what_a_person_may_is_looked_up_at_each_refresh(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope="training:read training:deliver")
    change = "update account set roles = $2 where id = $1"
    await gateway.app.state.reads.fetch(change, user["sub"], ["instructor"])
    tokens = (await visitor.refresh(tokens["refresh_token"])).json()
    assert tokens["scope"] == "training:read"
    await gateway.app.state.reads.fetch(change, user["sub"], ["admin"])
    nothing = await visitor.refresh(tokens["refresh_token"])
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_scope")
    assert "access_token" not in nothing.json()


async def test_only_hashes_are_kept(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    code = await visitor.come_in(user, scope=SCOPE)
    tokens = (await visitor.exchange(code)).json()
    kept = ""
    for table in ("authorization_code", "refresh_token", "refresh_family", "sign_in"):
        rows = await gateway.app.state.reads.fetch(f"select t::text from {table} t")
        kept += "".join(row["t"] for row in rows)
    cookie = visitor.http.cookies["mboolo-sign-in"]
    for secret in (code, tokens["refresh_token"], tokens["access_token"], cookie):
        assert secret not in kept
    assert sha256(code) in kept


def basic(client: dict[str, str]) -> tuple[str, str]:
    return client["client_id"], client["client_secret"]


async def introspected(http: httpx.AsyncClient, token: str, auth: Any) -> dict[str, Any]:
    answer = await http.post("/oauth2/introspect", data={"token": token}, auth=auth)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def test_a_resource_server_learns_what_a_token_is_worth(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope=SCOPE)
    admin = gateway.basic("admin")
    access = await introspected(visitor.http, tokens["access_token"], admin)
    refresh = await introspected(visitor.http, tokens["refresh_token"], admin)
    for said in (access, refresh):
        assert said["active"] is True
        assert said["sub"] == user["sub"]
        assert said["client_id"] == gateway.entry("frontend")["client_id"]
        assert set(said["scope"].split()) == set(SCOPE.split())
    assert access["token_type"] == "Bearer"
    assert access["sid"] == refresh["sid"]
    await visitor.refresh(tokens["refresh_token"])
    used = await introspected(visitor.http, tokens["refresh_token"], admin)
    assert used == {"active": False}


async def test_a_machine_may_ask_about_its_own_token(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    said = await introspected(
        client, await gateway.token("instructor"), gateway.basic("instructor")
    )
    assert (said["active"], said["roles"]) == (True, ["instructor"])


@pytest.mark.parametrize("token", ["nonsense", "", "a.b.c", "é"])
async def test_a_token_that_is_none_is_not_active(
    gateway: Gateway, client: httpx.AsyncClient, token: str
) -> None:
    form = {"token": token}
    answer = await client.post("/oauth2/introspect", data=form, auth=gateway.basic("admin"))
    assert answer.status_code == (200 if token else 400)
    assert answer.json().get("active", False) is False


async def test_a_revoked_access_token_dies_alone(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope=SCOPE)
    form = {"token": tokens["access_token"], "client_id": visitor.client["client_id"]}
    answer = await visitor.http.post("/oauth2/revoke", data=form)
    assert answer.status_code == 200
    assert not await works(visitor, tokens)
    said = await introspected(visitor.http, tokens["access_token"], gateway.basic("admin"))
    assert said == {"active": False}
    assert (await visitor.refresh(tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "whatever"])
async def test_a_revoked_refresh_token_takes_its_family_along(
    visitor: Visitor, user: dict[str, str], hint: str | None
) -> None:
    tokens = await visitor.tokens(user, scope=SCOPE)
    newer = (await visitor.refresh(tokens["refresh_token"])).json()
    form = {"token": newer["refresh_token"], "client_id": visitor.client["client_id"]}
    form |= {"token_type_hint": hint} if hint else {}
    assert (await visitor.http.post("/oauth2/revoke", data=form)).status_code == 200
    assert not await works(visitor, tokens)
    assert not await works(visitor, newer)
    assert (await visitor.refresh(newer["refresh_token"])).status_code == 400


async def test_nobody_revokes_what_is_not_theirs(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope=SCOPE)
    for kind in ("access_token", "refresh_token"):
        form = {"token": tokens[kind]}
        stranger = gateway.basic("instructor")
        refused = await visitor.http.post("/oauth2/revoke", data=form, auth=stranger)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        nobody = await visitor.http.post("/oauth2/revoke", data=form)
        assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    assert await works(visitor, tokens)
    assert (await visitor.refresh(tokens["refresh_token"])).status_code == 200


async def test_revoking_what_nobody_knows_is_no_error(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    form = {"token": "nonsense"}
    answer = await client.post("/oauth2/revoke", data=form, auth=gateway.basic("instructor"))
    assert answer.status_code == 200


async def test_a_lender_proves_itself_by_its_key_there_too(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    proof = gateway.asserted("bank_a")
    token = (await client.post("/oauth2/token", data=proof)).json()["access_token"]
    for path, expected in (("/oauth2/introspect", {"active": True}), ("/oauth2/revoke", {})):
        proof = {k: v for k, v in gateway.asserted("bank_a").items() if k != "grant_type"}
        answer = await client.post(path, data={**proof, "token": token})
        assert answer.status_code == 200, answer.text
        assert expected.items() <= answer.json().items()
        again = await client.post(path, data={**proof, "token": token})
        assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
