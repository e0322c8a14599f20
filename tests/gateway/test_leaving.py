"""Signing out ends the browser's sign-in and all that came in through it, at once."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.gateway.people import new_person
from tests.gateway.visitor import Forms, Visitor
from tests.gateway.world import Gateway, compact, es256

BACK = "http://127.0.0.1:5173/"


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


async def leave(visitor: Visitor, **params: str) -> httpx.Response:
    return await visitor.http.get("/oauth2/logout", params=params)


async def test_an_application_signs_a_person_out(visitor: Visitor, user: dict[str, str]) -> None:
    first = await visitor.tokens(user, scope="openid training:read")
    second = await visitor.tokens(user, scope="openid")
    gone = await leave(
        visitor, id_token_hint=first["id_token"], post_logout_redirect_uri=BACK, state="s 1"
    )
    assert (gone.status_code, gone.headers["location"]) == (303, f"{BACK}?state=s+1")
    assert "mboolo-sign-in" not in visitor.http.cookies
    for tokens in (first, second):
        assert not await works(visitor, tokens)
        assert (await visitor.refresh(tokens["refresh_token"])).status_code == 400
    assert 'action="/oauth2/sign-in"' in (await visitor.ask()).text


async def test_another_browser_of_the_same_person_stays(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    elsewhere = gateway.visitor()
    async with elsewhere.http:
        there = await elsewhere.tokens(user, scope="openid")
        here = await visitor.tokens(user, scope="openid")
        await leave(visitor, id_token_hint=here["id_token"])
        assert not await works(visitor, here)
        assert await works(elsewhere, there)
        assert (await elsewhere.refresh(there["refresh_token"])).status_code == 200


async def test_the_cookie_that_was_signed_out_opens_nothing(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope="openid")
    cookie = visitor.http.cookies["mboolo-sign-in"]
    await leave(visitor, id_token_hint=tokens["id_token"])
    visitor.http.cookies.set("mboolo-sign-in", cookie, domain="127.0.0.1")
    assert 'action="/oauth2/sign-in"' in (await visitor.ask()).text


async def test_without_a_token_of_theirs_the_person_is_asked(
    visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope="openid")
    page = await leave(visitor)
    assert "Sign out?" in page.text
    assert await works(visitor, tokens)
    gone = await visitor.send(page)
    assert "You are signed out" in gone.text
    assert not await works(visitor, tokens)


async def test_nobody_is_signed_out_from_another_site(
    visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope="openid")
    for data in ({}, {"ticket": "nonsense"}):
        refused = await visitor.http.post("/oauth2/sign-out", data=data)
        assert refused.status_code == 403
    await visitor.http.post("/oauth2/logout", data={"x": "1"})
    assert await works(visitor, tokens)


async def test_somebody_else_s_token_signs_nobody_out_here(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    other = await gateway.person("trainer", scope="openid")
    tokens = await visitor.tokens(user, scope="openid")
    page = await leave(visitor, id_token_hint=other["id_token"])
    assert "Sign out?" in page.text
    assert await works(visitor, tokens)


async def test_a_browser_that_lost_its_cookie_still_ends_what_the_token_names(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope="openid")
    async with httpx.AsyncClient(base_url=gateway.url) as bare:
        gone = await bare.get("/oauth2/logout", params={"id_token_hint": tokens["id_token"]})
    assert gone.status_code == 200
    assert not await works(visitor, tokens)


async def test_nobody_signed_in_leaves_in_peace(visitor: Visitor) -> None:
    assert "You are signed out" in (await leave(visitor)).text


async def test_the_client_may_be_named_without_a_token(
    visitor: Visitor, user: dict[str, str]
) -> None:
    await visitor.tokens(user)
    client_id = visitor.client["client_id"]
    page = await leave(visitor, client_id=client_id, post_logout_redirect_uri=BACK)
    assert "form-action 'self' http://127.0.0.1:5173;" in page.headers["content-security-policy"]
    gone = await visitor.send(page)
    assert gone.headers["location"] == BACK


async def test_the_question_is_asked_in_both_languages_and_leads_to_the_same_place(
    visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope="openid")
    other = await visitor.http.get("/oauth2/logout")
    client_id = visitor.client["client_id"]
    wish = {"client_id": client_id, "post_logout_redirect_uri": BACK, "state": "s&1"}
    for page in (
        await leave(visitor, **wish),
        await visitor.http.post("/oauth2/logout", data=wish),
    ):
        [link, stay] = Forms(page.text).links
        assert stay == "/oauth2/account?lang=en"
        french = await visitor.http.get(link)
        assert "Se déconnecter ?" in french.text
        assert await works(visitor, tokens)
        back = Forms(french.text).links[0]
        assert (await visitor.http.get(back)).text.count("Sign out?") == 1
    assert (await visitor.send(french)).headers["location"] == f"{BACK}?state=s%261"
    left = await visitor.send(other)  # its form is still good, and nobody is here any more
    assert "/oauth2/logout?lang=fr" in Forms(left.text).links


async def test_a_link_to_the_other_language_bears_no_token(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    stranger = await gateway.person("trainer", scope="openid")
    await visitor.tokens(user, scope="openid")
    page = await leave(visitor, id_token_hint=stranger["id_token"], post_logout_redirect_uri=BACK)
    [link, _] = Forms(page.text).links
    assert stranger["id_token"] not in page.text
    french = await visitor.http.get(link)
    assert (await visitor.send(french)).headers["location"] == BACK


@pytest.mark.parametrize("twist", ["typ", "iss", "key", "cut", "client"])
async def test_a_forged_hint_is_refused(
    gateway: Gateway, visitor: Visitor, user: dict[str, str], twist: str
) -> None:
    from chassis.keys import new_private_jwk

    tokens = await visitor.tokens(user, scope="openid")
    client_id = visitor.client["client_id"]
    header = {"alg": "ES256", "typ": "JWT", "kid": gateway.private["kid"]}
    said = {"iss": gateway.url, "aud": client_id, "sub": user["sub"], "sid": "x"}
    sign, params = es256(gateway.private), {}
    if twist == "typ":
        header["typ"] = "at+jwt"
    elif twist == "iss":
        said["iss"] = "https://elsewhere.example"
    elif twist == "key":
        sign = es256(dict(new_private_jwk("mine")))
    elif twist == "client":
        params = {"client_id": "client-other"}
    hint = compact(header, said, sign)
    hint = hint[:-8] if twist == "cut" else hint
    refused = await leave(visitor, id_token_hint=hint, **params)
    assert refused.status_code == 400
    assert await works(visitor, tokens)
