"""A person signs in through the pages, agrees, and the application speaks in their name."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis import jose
from chassis.keys import public_jwk
from gateway.roles import DEMO, PERSONS, ROLES
from tests.gateway.visitor import Forms, Visitor, told
from tests.gateway.world import Gateway


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


async def verified(gateway: Gateway, token: str) -> dict[str, Any]:
    keys = jose.LocalKeys([public_jwk(gateway.private)])
    return await jose.verify(token, keys, jose.Expected("at+jwt", gateway.url, gateway.url))


def user(gateway: Gateway, role: str) -> dict[str, str]:
    found: dict[str, str] = gateway.demo["users"][role]
    return found


async def test_a_token_says_who_signed_in_and_how(gateway: Gateway) -> None:
    tokens = await gateway.person("instructor")
    claims = await verified(gateway, tokens["access_token"])
    entry = gateway.entry("instructor")
    assert {name: claims[name] for name in ("sub", "org", "roles", "territory", "tier")} == {
        "sub": entry["sub"],
        "org": entry["organisation_id"],
        "roles": ["instructor"],
        "territory": ["SN"],
        "tier": "STANDARD",
    }
    assert claims["client_id"] == gateway.entry("frontend")["client_id"]
    assert claims["amr"] == ["pwd"]
    assert 0 <= claims["iat"] - claims["auth_time"] < 60
    assert claims["sid"]
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 300


@pytest.mark.parametrize("role", [role for role in DEMO if role in PERSONS])
async def test_a_person_brings_only_their_own_part_of_what_the_frontend_may(
    gateway: Gateway, role: str
) -> None:
    tokens = await gateway.person(role)
    assert set(tokens["scope"].split()) == set(ROLES[role])
    claims = await verified(gateway, tokens["access_token"])
    assert claims["scope"] == tokens["scope"]
    assert claims.get("lender_id") == gateway.entry(role).get("lender_id")


async def test_the_platform_knows_the_person(gateway: Gateway, client: httpx.AsyncClient) -> None:
    tokens = await gateway.person("validator", scope="filings:decide openid")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    me = (await client.get("/v1/me", headers=bearer)).json()
    assert me["sub"] == gateway.entry("validator")["sub"]
    assert set(me["scopes"]) == {"filings:decide", "openid"}


async def test_an_id_token_says_who_signed_in(gateway: Gateway) -> None:
    tokens = await gateway.person("instructor", scope="openid profile", nonce="n-1")
    found = jwt.decode(
        tokens["id_token"], ECKey.import_key(public_jwk(gateway.private)), algorithms=["ES256"]
    )
    said = found.claims
    assert said["iss"] == gateway.url
    assert said["aud"] == gateway.entry("frontend")["client_id"]
    assert said["sub"] == gateway.entry("instructor")["sub"]
    assert (said["nonce"], said["amr"]) == ("n-1", ["pwd"])
    assert (said["preferred_username"], said["locale"]) == ("instructor", "fr")
    assert said["exp"] - said["iat"] == 300


async def test_without_openid_there_is_no_id_token(gateway: Gateway) -> None:
    assert "id_token" not in await gateway.person("instructor", scope="filings:review")


async def test_refresh_tokens_follow_each_other(gateway: Gateway, visitor: Visitor) -> None:
    tokens = await visitor.tokens(user(gateway, "instructor"), scope="openid filings:review")
    first = await verified(gateway, tokens["access_token"])
    for _ in range(3):
        answer = await visitor.refresh(tokens["refresh_token"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["refresh_token"] != tokens["refresh_token"]
        tokens = answer.json()
        claims = await verified(gateway, tokens["access_token"])
        assert claims["sid"] == first["sid"]
        assert claims["auth_time"] == first["auth_time"]
        assert claims["jti"] != first["jti"]
    assert set(tokens["scope"].split()) == {"openid", "filings:review"}


async def test_who_is_signed_in_and_agreed_is_not_asked_again(
    gateway: Gateway, visitor: Visitor
) -> None:
    await visitor.come_in(user(gateway, "trainer"))
    again = await visitor.ask()
    assert again.status_code == 302
    assert told(again).keys() == {"code", "state", "iss"}
    assert told(again)["state"] == "state-1"
    assert told(again)["iss"] == gateway.url


async def test_a_person_may_refuse(gateway: Gateway, visitor: Visitor) -> None:
    page = await visitor.sign_in(
        await visitor.ask(prompt="consent"), user(gateway, "training_manager")
    )
    assert "Allow frontend (demo)?" in page.text
    refused = await visitor.send(page, decision="deny")
    assert told(refused)["error"] == "access_denied"
    assert told(refused)["state"] == "state-1"


async def test_a_wrong_password_leaves_the_person_at_the_door(
    gateway: Gateway, visitor: Visitor
) -> None:
    page = await visitor.ask()
    wrong = await visitor.send(page, username="instructor", password="not it")
    assert wrong.status_code == 400
    assert "do not go together" in wrong.text
    assert "mboolo-sign-in" not in visitor.http.cookies
    right = await visitor.sign_in(wrong, user(gateway, "instructor"))
    assert right.status_code in (200, 303)


async def test_pages_speak_both_languages(visitor: Visitor) -> None:
    page = await visitor.ask()
    assert '<html lang="en">' in page.text
    french = await visitor.http.get(Forms(page.text).links[0])
    assert '<html lang="fr">' in french.text
    assert "Mot de passe" in french.text
    assert french.headers["content-language"] == "fr"
