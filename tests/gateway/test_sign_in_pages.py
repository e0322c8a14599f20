"""What the pages promise to browsers and to people: no script, no frame, two languages, escaped."""

import re
import string
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from chassis.app import create_app
from gateway.app import define
from gateway.issuer.server import KNOWN_SCOPES
from gateway.settings import GatewaySettings
from gateway.signin import pages
from gateway.signin.words import SCOPE_WORDS, WORDS
from tests.gateway.people import new_client, new_person
from tests.gateway.visitor import Visitor, told
from tests.gateway.world import Gateway, Reader
from tests.town import Town

TEMPLATES = sorted((Path(pages.__file__).parent / "templates").glob("*.html"))
PATHS = ["/oauth2/sign-in", "/oauth2/password", "/oauth2/password/new", "/oauth2/logout"]


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


@pytest.mark.parametrize("path", [*PATHS, "/oauth2/authorize", "/oauth2/account"])
async def test_nothing_but_our_own_style_and_forms_is_allowed(
    client: httpx.AsyncClient, path: str
) -> None:
    page = await client.get(path)
    policy = page.headers["content-security-policy"]
    for part in (
        "default-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert part in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    seen = Reader(page.text)
    assert not {"script", "iframe", "img", "link"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name == "style"]


async def test_a_form_may_end_at_the_application_it_serves_and_nowhere_else(
    visitor: Visitor,
) -> None:
    page = await visitor.ask()
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:5173;" in policy


@pytest.mark.parametrize(
    ("url", "prefix"),
    [("http://gateway", "mboolo-"), ("https://mboolo.example", "__Host-mboolo-")],
)
async def test_cookies_are_for_this_host_and_no_script(
    gateway: Gateway, town: Town, settings: GatewaySettings, url: str, prefix: str
) -> None:
    app = create_app(define(settings.model_copy(update={"public_url": url})), transport=town)
    browser = Visitor(
        url,
        gateway.entry("frontend"),
        http=httpx.AsyncClient(transport=httpx.ASGITransport(app)),
    )
    async with app.router.lifespan_context(app), browser.http:
        page = await browser.ask()
        answer = await browser.sign_in(page, await new_person(gateway, "trainer"))
        cookies = page.headers.get_list("set-cookie") + answer.headers.get_list("set-cookie")
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == {f"{prefix}{name}" for name in ("form", "sign-in", "known")}
    for cookie in cookies:
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= attributes
        assert ("secure" in attributes) is url.startswith("https:")
        assert not [one for one in attributes if one.startswith("domain")]


async def test_a_sign_in_never_keeps_the_cookie_of_the_one_before(
    gateway: Gateway, visitor: Visitor
) -> None:
    user = await new_person(gateway, "trainer")
    await visitor.come_in(user)
    first = visitor.http.cookies["mboolo-sign-in"]
    await visitor.sign_in(await visitor.ask(prompt="login"), user)
    assert visitor.http.cookies["mboolo-sign-in"] != first
    other = gateway.visitor()
    async with other.http:
        other.http.cookies.set("mboolo-sign-in", first, domain="127.0.0.1")
        assert 'action="/oauth2/sign-in"' in (await other.ask()).text


async def test_what_others_wrote_is_text_and_never_markup(
    gateway: Gateway, visitor: Visitor
) -> None:
    evil = '"><script>alert(1)</script>'
    visitor.client = await new_client(gateway, name=f"App {evil}")
    user = await new_person(gateway, "trainer", full_name=f"Awa {evil}")
    shown = [await visitor.ask(login_hint=evil)]
    shown.append(await visitor.send(shown[0], username=evil, password="no"))
    shown.append(await visitor.sign_in(shown[1], user))
    shown.append(await visitor.http.get("/oauth2/account"))
    assert 'action="/oauth2/consent"' in shown[2].text
    for page in shown:
        assert "script" not in Reader(page.text).tags
        assert "&lt;script&gt;" in page.text


async def test_a_hint_fills_in_the_name(visitor: Visitor) -> None:
    page = await visitor.ask(login_hint="awa.diop")
    assert 'value="awa.diop"' in page.text


@pytest.mark.parametrize(
    ("wish", "browser", "language"),
    [
        (None, "fr", "fr"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "wo", "fr"),
        ("en", "fr", "en"),
        ("wo fr-SN en", "en", "fr"),
        ("de", "en", "en"),
    ],
)
async def test_the_application_or_the_browser_chooses_the_language(
    gateway: Gateway, wish: str | None, browser: str, language: str
) -> None:
    visitor = gateway.visitor(headers={"Accept-Language": browser})
    async with visitor.http:
        page = await visitor.ask(ui_locales=wish)
        assert page.headers["content-language"] == language
        wrong = await visitor.send(page, username="nobody", password="no")
        assert f'<html lang="{language}">' in wrong.text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_speaks_both_languages(
    client: httpx.AsyncClient, path: str, language: str
) -> None:
    page = await client.get(path, params={"lang": language})
    assert f'<html lang="{language}">' in page.text
    other = "en" if language == "fr" else "fr"
    assert f"{path}?lang={other}" in page.text


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same(key: str) -> None:
    french, english = WORDS[key]
    assert french
    assert english
    assert _blanks(french) == _blanks(english)


def _blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_scope_has_words_for_people() -> None:
    assert SCOPE_WORDS.keys() == set(KNOWN_SCOPES)


def test_no_word_is_missing_and_none_is_left_over() -> None:
    source = "".join(path.read_text() for path in TEMPLATES)
    files = [path for path in Path(pages.__file__).parent.glob("*.py") if path.stem != "words"]
    code = "".join(path.read_text() for path in files)
    code += (Path(pages.__file__).parents[1] / "accounts" / "password_rules.py").read_text()
    named = set(re.findall(r't\("(\w+)"', source)) | set(re.findall(r"t\('(\w+)'", source))
    assert named <= WORDS.keys()
    said = named | set(re.findall(r'"(\w+)"', code + source))
    left = {key for key in WORDS if key not in said and not key.endswith("_why")}
    assert left == set()


async def test_prompts_are_obeyed(gateway: Gateway, visitor: Visitor) -> None:
    user = await new_person(gateway, "trainer")
    await visitor.come_in(user)
    assert told(await visitor.ask(prompt="none"))["code"]
    for prompt in ("login", "select_account"):
        page = await visitor.ask(prompt=prompt)
        assert 'action="/oauth2/sign-in"' in page.text
        assert told(await visitor.sign_in(page, user))["code"]
    page = await visitor.ask(prompt="consent")
    assert 'action="/oauth2/consent"' in page.text
    assert told(await visitor.send(page, decision="allow"))["code"]
    page = await visitor.ask(prompt="login consent")
    page = await visitor.sign_in(page, user)
    assert told(await visitor.send(page, decision="allow"))["code"]
    assert told(await visitor.ask(max_age="3600"))["code"]


async def test_an_application_without_state_gets_none(gateway: Gateway, visitor: Visitor) -> None:
    await visitor.come_in(await new_person(gateway, "trainer"))
    assert told(await visitor.ask(state=None)).keys() == {"code", "iss"}


async def test_an_application_of_a_telephone_is_reached_by_its_own_scheme(
    gateway: Gateway, visitor: Visitor
) -> None:
    uri = "sn.baobab.app:/callback"
    visitor.client = await new_client(gateway, redirect_uris=[uri], auth_method="none")
    page = await visitor.ask()
    assert "form-action 'self' sn.baobab.app:;" in page.headers["content-security-policy"]
    page = await visitor.sign_in(page, await new_person(gateway, "trainer"))
    answer = await visitor.send(page, decision="allow")
    assert answer.headers["location"].startswith(f"{uri}?code=")
    assert (await visitor.exchange(told(answer)["code"])).status_code == 200
