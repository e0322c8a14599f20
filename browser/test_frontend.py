"""The example application as a person uses it, and as others try to."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from browser.conftest import Open, Scene
from browser.driver import Browser

Picture = Callable[[Browser, str], None]
NOBODY = "#sign-in"


def sign_in(browser: Browser, scene: Scene, role: str = "cooperative") -> None:
    """From the application, by way of the platform's pages, and back."""
    arrive(browser, scene)
    browser.click("#sign-in")
    browser.await_url(f"{scene.platform}/oauth2/authorize")
    prove(browser, scene, role)
    browser.wait(lambda: browser.sees("button[value=allow]") or browser.sees("#me"), "get on")
    if browser.sees("button[value=allow]"):
        browser.click("button[value=allow]")
    browser.await_text("#me", role)


def arrive(browser: Browser, scene: Scene) -> None:
    """At the application, once it has begun to listen: a click before leads nowhere."""
    browser.open(scene.application)
    browser.await_text("#seen", "200")


def prove(browser: Browser, scene: Scene, role: str = "cooperative") -> None:
    user = scene.user(role)
    browser.write("#username", user["username"])
    browser.write("#password", user["password"])
    browser.click("main form button")


@pytest.mark.parametrize(("phone", "language"), [(False, "fr"), (True, "fr"), (True, "en")])
def test_a_person_signs_in_calls_renews_and_leaves(
    scene: Scene, new_browser: Open, picture: Picture, *, phone: bool, language: str
) -> None:
    browser = new_browser(phone=phone, language=language)
    says = {"fr": ("Se connecter", "renouvelé"), "en": ("Sign in", "renewed")}[language]

    def look(name: str) -> None:
        picture(browser, name)
        assert not browser.is_too_wide, name
        assert browser.complaints == [], name

    browser.open(scene.application)
    browser.await_text("#seen", "200")
    assert browser.text("#sign-in") == says[0]
    look("1-stranger")
    browser.click("#sign-in")
    browser.await_url(f"{scene.platform}/oauth2/authorize")
    assert browser.text("h1") == says[0]
    assert browser.run("return document.documentElement.lang") == language
    look("2-sign-in")
    prove(browser, scene, "volunteer")
    browser.wait(lambda: browser.sees("button[value=allow]") or browser.sees("#me"), "get on")
    look("3-consent")
    if browser.sees("button[value=allow]"):
        browser.click("button[value=allow]")
    browser.await_text("#me", "filings:write")
    assert browser.url == scene.application  # the code does not stay in the address
    look("4-inside")
    browser.click("#refresh")
    browser.await_text("#doing", says[1])
    browser.write("#name", "Femmes de Diendé")
    browser.click("#introduce button")
    browser.await_text("#introduced", "/v1/initiatives/")
    look("5-introduced")
    browser.click("#sign-out")
    browser.await_url(scene.application)
    browser.find(NOBODY)
    look("6-outside")


@pytest.mark.parametrize(
    ("language", "role"), [("fr", "training_manager"), ("en", "financing_officer")]
)
def test_the_pages_of_the_platform_fit_a_telephone(
    scene: Scene, new_browser: Open, picture: Picture, language: str, role: str
) -> None:
    browser = new_browser(phone=True, language=language)

    def look(name: str) -> None:
        picture(browser, name)
        assert not browser.is_too_wide, name
        assert browser.run("return document.documentElement.lang") == language

    arrive(browser, scene)
    browser.click("#sign-in")
    browser.await_url(f"{scene.platform}/oauth2/authorize")
    look("1-sign-in")
    browser.write("#username", role)
    browser.write("#password", "something else")
    browser.click("main form button")
    browser.find("[role=alert]")
    look("2-wrong")
    prove(browser, scene, role)
    browser.find("button[value=allow]")
    look("3-consent")
    browser.click("button[value=deny]")
    browser.await_url(scene.application)
    browser.open(f"{scene.platform}/oauth2/logout")
    browser.find("main form button")
    look("4-sign-out")
    browser.click("main form button")
    browser.wait(lambda: not browser.sees("main form button"), "sign out")
    look("5-signed-out")
    browser.open(f"{scene.platform}/verify/R000000000000")
    look("6-verify")


def test_what_only_listed_origins_may_read_is_read(scene: Scene, new_browser: Open) -> None:
    browser = new_browser()
    sign_in(browser, scene)
    browser.write("#name", "Les maraîchères de Keur Momar Sarr")
    browser.click("#introduce button")
    browser.await_text("#introduced", '"1"')  # ETag
    assert '"client";r=' in browser.text("#seen dd[data-fact=remaining]")
    assert ";w=86400" in browser.text("#seen dd[data-fact=policy]")
    assert len(browser.text("#seen dd[data-fact=request_id]")) == 32


def test_reloading_the_page_signs_nobody_out(scene: Scene, new_browser: Open) -> None:
    browser = new_browser()
    sign_in(browser, scene)
    for _ in range(2):
        browser.open(scene.application)
        browser.await_text("#me", "cooperative")
    kept = browser.run("return {...sessionStorage, ...localStorage}")
    assert "access_token" not in str(kept)


def test_who_left_is_asked_again_who_they_are(scene: Scene, new_browser: Open) -> None:
    browser = new_browser()
    sign_in(browser, scene)
    refresh = browser.run("return JSON.parse(sessionStorage['mboolo-kept']).refresh_token")
    browser.click("#sign-out")
    browser.await_url(scene.application)
    browser.find(NOBODY)
    browser.click("#sign-in")
    browser.await_url(f"{scene.platform}/oauth2/authorize")
    browser.find("#password")
    browser.open(scene.application)
    browser.run(
        "sessionStorage['mboolo-kept'] = JSON.stringify({refresh_token: arguments[0]})", refresh
    )
    browser.open(scene.application)
    browser.await_text("#alert", "La connexion n'a pas abouti")
    browser.find(NOBODY)


def test_the_application_hears_that_the_person_refused(scene: Scene, new_browser: Open) -> None:
    browser = new_browser()
    arrive(browser, scene)
    browser.click("#sign-in")
    browser.await_url(f"{scene.platform}/oauth2/authorize")
    prove(browser, scene, "trainer")
    browser.click("button[value=deny]")
    browser.await_url(scene.application)
    browser.await_text("#alert", "La connexion n'a pas abouti")
    browser.find(NOBODY)


def test_a_wrong_password_leads_nowhere(scene: Scene, new_browser: Open) -> None:
    browser = new_browser()
    arrive(browser, scene)
    browser.click("#sign-in")
    browser.await_url(f"{scene.platform}/oauth2/authorize")
    browser.write("#username", scene.user("registrar")["username"])
    browser.write("#password", "something else")
    browser.click("main form button")
    browser.find("[role=alert]")
    assert browser.url.startswith(scene.platform)


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://127.0.0.1:5173/elsewhere",
        "http://127.0.0.1:5174/callback",
        "http://127.0.0.1:5173.evil.example/callback",
        "https://evil.example/callback",
        "http://127.0.0.1:5173/callback?next=https://evil.example",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_that_was_not_registered_is_refused(
    scene: Scene, new_browser: Open, redirect_uri: str
) -> None:
    browser = new_browser()
    asked = {
        "response_type": "code",
        "client_id": scene.demo["clients"]["frontend"]["client_id"],
        "redirect_uri": redirect_uri,
        "code_challenge": "a" * 43,
        "code_challenge_method": "S256",
    }
    browser.open(f"{scene.platform}/oauth2/authorize?{urlencode(asked)}")
    assert browser.url.startswith(f"{scene.platform}/oauth2/authorize")
    assert "ne peut pas aboutir" in browser.text("h1")


def test_a_code_that_nobody_asked_for_is_not_exchanged(scene: Scene, new_browser: Open) -> None:
    browser = new_browser()
    browser.open(f"{scene.application}callback?code=stolen&state=other&iss={scene.platform}")
    browser.await_text("#alert", "La connexion n'a pas abouti")
    loaded = "return performance.getEntriesByType('resource').map((one) => one.name)"
    assert f"{scene.platform}/oauth2/token" not in browser.run(loaded)


def test_an_answer_of_another_issuer_is_not_believed(scene: Scene, new_browser: Open) -> None:
    browser = new_browser()
    arrive(browser, scene)
    browser.click("#sign-in")
    browser.await_url(f"{scene.platform}/oauth2/authorize")
    state = parse_qs(urlsplit(browser.url).query)["state"][0]
    told = urlencode({"code": "x", "state": state, "iss": "https://evil.example"})
    browser.open(f"{scene.application}callback?{told}")
    browser.await_text("#alert", "La connexion n'a pas abouti")


def test_a_page_of_another_origin_reads_nothing(
    scene: Scene, foreign: str, new_browser: Open
) -> None:
    browser = new_browser()
    browser.open(foreign)
    browser.await_text("#alert", "n'autorise pas cette page")
    assert any("Access-Control-Allow-Origin" in said for said in browser.complaints)
    script = "return fetch(arguments[0], arguments[1]).then(() => 'read', () => 'refused')"
    good = {"Authorization": "Bearer x"}
    for path in ("/v1/cooperatives", "/v1/me", "/oauth2/jwks", "/oauth2/token"):
        for options in ({}, {"headers": good}, {"method": "POST"}, {"credentials": "include"}):
            assert browser.run(script, scene.platform + path, options) == "refused"


def test_no_page_may_be_put_into_a_frame(scene: Scene, new_browser: Open) -> None:
    browser = new_browser()
    browser.open(scene.application)
    browser.await_text("#seen", "200")
    frame = "Object.assign(document.createElement('iframe'), {src: arguments[0]})"
    browser.run(f"document.body.append({frame})", f"{scene.platform}/docs")
    assert any("frame" in said.lower() for said in browser.wait(lambda: browser.complaints, "hear"))


def test_the_documentation_works_in_a_browser(
    scene: Scene, new_browser: Open, picture: Picture
) -> None:
    browser = new_browser()
    browser.open(f"{scene.platform}/docs")
    browser.find(".opblock-tag-section")
    picture(browser, "docs")
    assert browser.complaints == []
