"""A person sees where they are signed in and what they allowed, and ends either."""

import re
from collections.abc import AsyncIterator

import pytest

from gateway.accounts import totp
from tests.gateway.people import PASSWORD, new_person
from tests.gateway.test_password_pages import send_to
from tests.gateway.test_second_factor import code, secret_on
from tests.gateway.visitor import Forms, Visitor, told
from tests.gateway.world import Gateway

HOME = "/oauth2/account"
FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


@pytest.fixture
async def user(gateway: Gateway) -> dict[str, str]:
    return await new_person(gateway, "trainer")


async def test_who_is_not_signed_in_signs_in_first(visitor: Visitor, user: dict[str, str]) -> None:
    page = await visitor.http.get(HOME)
    assert 'action="/oauth2/sign-in"' in page.text
    there = await visitor.sign_in(page, user)
    assert (there.status_code, there.headers["location"]) == (303, HOME)
    assert "Awa Diop" in (await visitor.http.get(HOME)).text


async def test_browsers_are_named_and_can_be_signed_out(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    other = gateway.visitor(headers={"User-Agent": FIREFOX, "Accept-Language": "en"})
    async with other.http:
        there = await other.tokens(user, scope="training:read")
        await visitor.tokens(user, scope="training:read")
        page = await visitor.http.get(HOME)
        assert "Firefox, Android" in page.text
        (wish,) = re.findall(r'name="sign_in" value="([0-9a-f]{64})"', page.text)
        gone = await send_to(visitor, page, f"{HOME}/sign-ins", {"sign_in": wish})
        assert gone.status_code == 303
        bearer = {"Authorization": f"Bearer {there['access_token']}"}
        assert (await other.http.get("/v1/me", headers=bearer)).status_code == 401
        assert 'action="/oauth2/sign-in"' in (await other.ask()).text
    assert "Firefox" not in (await visitor.http.get(HOME)).text


async def test_nobody_signs_out_somebody_else(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    from gateway.issuer.families import sha256

    victim = gateway.visitor()
    async with victim.http:
        await victim.come_in(await new_person(gateway, "trainer"))
        cookie = victim.http.cookies["mboolo-sign-in"]
        await visitor.come_in(user)
        page = await visitor.http.get(HOME)
        await visitor.come_in(user)
        other = gateway.visitor()
        async with other.http:
            await other.come_in(user)
            page = await visitor.http.get(HOME)
            form = {"sign_in": sha256(cookie)}
            await send_to(visitor, page, f"{HOME}/sign-ins", form)
        assert told(await victim.ask())["code"]


async def test_an_application_loses_what_it_was_allowed(
    visitor: Visitor, user: dict[str, str]
) -> None:
    tokens = await visitor.tokens(user, scope="training:read")
    page = await visitor.http.get(HOME)
    assert "frontend (demo)" in page.text
    assert "read sessions, enrolments and certificates" in page.text
    form = {"client": visitor.client["client_id"]}
    assert (await send_to(visitor, page, f"{HOME}/applications", form)).status_code == 303
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await visitor.http.get("/v1/me", headers=bearer)).status_code == 401
    assert (await visitor.refresh(tokens["refresh_token"])).status_code == 400
    assert 'action="/oauth2/consent"' in (await visitor.ask(scope="training:read")).text
    assert "None so far." in (await visitor.http.get(HOME)).text


@pytest.mark.parametrize(
    "path", ["sign-ins", "applications", "password", "second-factor", "second-factor/off"]
)
async def test_no_other_site_acts_in_the_person_s_name(
    visitor: Visitor, user: dict[str, str], path: str
) -> None:
    await visitor.come_in(user)
    ticket = Forms((await visitor.http.get(HOME)).text).fields[0]["ticket"]
    address = f"{HOME}/{path}"
    bare = await visitor.http.post(address, data={"sign_in": "others"})
    foreign = await visitor.http.post(
        address, data={"ticket": ticket}, headers={"Origin": "https://evil.example"}
    )
    assert [bare.status_code, foreign.status_code] == [403, 403]


async def test_the_page_of_one_person_is_no_use_to_another_in_the_same_browser(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    await visitor.come_in(user)
    page = await visitor.http.get(HOME)
    other = await new_person(gateway, "trainer")
    await visitor.sign_in(await visitor.ask(prompt="login"), other)
    form = {"client": visitor.client["client_id"]}
    assert (await send_to(visitor, page, f"{HOME}/applications", form)).status_code == 403


async def test_a_second_factor_may_be_chosen_and_given_up(
    gateway: Gateway, visitor: Visitor
) -> None:
    user = await new_person(gateway, "volunteer", is_demo=False)
    await visitor.come_in(user)
    page = await visitor.http.get(HOME)
    wrong = await send_to(visitor, page, f"{HOME}/second-factor", {"current": "no"})
    assert wrong.status_code == 400
    page = await visitor.http.get(HOME)
    page = await send_to(visitor, page, f"{HOME}/second-factor", {"current": PASSWORD})
    secret = secret_on(page)
    assert (await visitor.send(page, code="000000")).status_code == 400
    paper = await visitor.send(page, code=code(secret, -1))
    assert "Your recovery codes" in paper.text
    assert (await visitor.send(paper)).headers["location"] == HOME
    page = await visitor.http.get(HOME)
    assert "You have 8 recovery code(s) left" in page.text

    now = code(secret)
    fresh = await send_to(visitor, page, f"{HOME}/second-factor/paper", {"code": now})
    new = re.findall(r"<li>([0-9A-Z-]{19})</li>", fresh.text)
    assert len(new) == 8
    page = await visitor.http.get(HOME)
    off = f"{HOME}/second-factor/off"
    assert (await send_to(visitor, page, off, {"code": now})).status_code == 400  # used
    done = await send_to(visitor, page, off, {"code": new[0]})
    assert "no longer asked for" in done.text
    elsewhere = gateway.visitor()
    async with elsewhere.http:
        assert await elsewhere.come_in(user)
    acts = await gateway.app.state.reads.fetch(
        "select act from audit_entry where target_id = $1 order by at", user["sub"]
    )
    expected = ["SECOND_FACTOR_ON", "RECOVERY_CODES_RENEWED", "SECOND_FACTOR_OFF"]
    assert [row["act"] for row in acts] == expected


async def test_an_agent_cannot_give_it_up(gateway: Gateway, visitor: Visitor) -> None:
    user = await new_person(gateway, "instructor", is_demo=False)
    page = await visitor.sign_in(await visitor.http.get(HOME), user)
    secret = secret_on(page)
    await visitor.send(page, code=code(secret, -1))
    page = await visitor.http.get(HOME)
    assert f"{HOME}/second-factor/off" not in page.text
    form = Forms(page.text).fields[0] | {"code": totp.code_at(secret, 0)}
    refused = await visitor.http.post(
        f"{HOME}/second-factor/off", data=form, headers={"Origin": visitor.url}
    )
    assert (refused.status_code, "Your role asks" in refused.text) == (400, True)


async def test_an_agent_who_lost_the_telephone_enrols_another_with_a_code_on_paper(
    gateway: Gateway, visitor: Visitor
) -> None:
    user = await new_person(gateway, "instructor", is_demo=False)
    page = await visitor.sign_in(await visitor.http.get(HOME), user)
    old = secret_on(page)
    shown = await visitor.send(page, code=code(old, -1))
    paper = re.findall(r"<li>([0-9A-Z-]{19})</li>", shown.text)
    page = await visitor.http.get(HOME)
    address = f"{HOME}/second-factor/replacement"
    wrong = await send_to(visitor, page, address, {"code": "000000"})
    assert wrong.status_code == 400
    page = await send_to(visitor, await visitor.http.get(HOME), address, {"code": paper[0]})
    new = secret_on(page)
    assert new != old
    # until the new one has shown a code, the old one counts
    other = gateway.visitor()
    async with other.http:
        step = await other.sign_in(await other.http.get(HOME), user)
        assert (await other.send(step, code=code(old))).status_code == 303
    assert "Your recovery codes" in (await visitor.send(page, code=code(new, -1))).text
    other = gateway.visitor()
    async with other.http:
        step = await other.sign_in(await other.http.get(HOME), user)
        step = await other.send(step, code=code(old, 1))
        assert step.status_code == 400
        assert (await other.send(step, code=paper[1])).status_code == 400  # void with it
        assert (await other.send(step, code=code(new))).status_code == 303


async def test_a_form_of_the_account_page_enrols_nothing_by_itself(
    gateway: Gateway, visitor: Visitor
) -> None:
    user = await new_person(gateway, "volunteer", is_demo=False)
    await visitor.come_in(user)
    page = await visitor.http.get(HOME)
    begun = await send_to(visitor, page, f"{HOME}/second-factor", {"current": PASSWORD})
    form = Forms(page.text).fields[0] | {"code": code(secret_on(begun))}
    refused = await visitor.http.post(
        f"{HOME}/second-factor/enrolment", data=form, headers={"Origin": visitor.url}
    )
    assert refused.status_code == 403
