"""A person's own account on a telephone: invited, a forgotten password, a second factor, another
address, leaving; with the letters as they went out."""

import re
import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx
import pytest

from browser.conftest import Open, Scene
from browser.driver import Browser
from gateway.accounts import totp

Picture = Callable[[Browser, str], None]
FIRST, NEW, SHORT = "le mil est rentré avant la pluie", "la pirogue rentre avant la nuit", "court"


def letter(scene: Scene, browser: Browser, to: str, about: str) -> str:
    """The newest letter to an address, as soon as it has gone out."""
    folder = scene.accounts.parent / "outbox"

    def newest() -> str | None:
        for file in sorted(folder.glob("*.eml"), reverse=True):
            message = message_from_bytes(file.read_bytes(), policy=default)
            if to in str(message["To"]) and about in str(message["Subject"]):
                return str(message.get_content())
        return None

    return browser.wait(newest, f"get a letter about {about!r}")


def code_in(text: str) -> str:
    found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}", text)
    assert found, text
    return found[0]


def of_the_telephone(secret: str) -> str:
    # that of now: it is still good when the half minute ends before it arrives
    return totp.code_at(secret, int(time.time()) // 30)


def post(scene: Scene, path: str, **body: Any) -> dict[str, Any]:
    """What an administrator does, by the demonstration's client."""
    client = scene.demo["clients"]["admin"]
    with httpx.Client(base_url=scene.platform, timeout=20) as http:
        asked = {"grant_type": "client_credentials"}
        basic = (client["client_id"], client["client_secret"])
        token = http.post("/oauth2/token", data=asked, auth=basic).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
        answer = http.post(f"/v1{path}", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def invited(scene: Scene) -> str:
    """The name of somebody whose account nobody else signs in with."""
    own = post(scene, "/organisations", kind="COOPERATIVE", name="Jappoo")
    name = f"awa-{uuid4().hex[:8]}"
    person = {"username": name, "full_name": "Awa Diatta", "email": f"{name}@demo.example"}
    post(scene, "/users", **person, roles=["cooperative"], organisation_id=own["id"])
    return name


class Telephone:
    """A person at their telephone, whose pages are looked at one by one."""

    def __init__(self, scene: Scene, browser: Browser, picture: Picture) -> None:
        self.scene, self.browser, self.name = scene, browser, invited(scene)
        self.language = browser.run("return navigator.language")[:2]
        self._picture = picture

    def open(self, path: str) -> None:
        self.browser.open(f"{self.scene.platform}{path}")

    def look(self, name: str) -> None:
        self._picture(self.browser, name)
        assert not self.browser.is_too_wide, name
        # a page that refuses says so by its status, and the browser writes that down
        said = [one for one in self.browser.complaints if "(Bad Request)" not in one]
        assert said == [], name
        assert self.browser.run("return document.documentElement.lang") == self.language

    def send(self, button: str = "main form button", **fields: str) -> None:
        """Fill in a form, send it, and wait for the page that answers."""
        for name, value in fields.items():
            self.browser.write(f"#{name.replace('_', '-')}", value)
        self.browser.run("document.body.dataset.old = '1'")
        self.browser.click(button)
        gone = "return document.body?.dataset.old !== '1' && document.readyState === 'complete'"
        self.browser.wait(lambda: self.browser.run(gone), "get an answer")

    def is_refused(self, name: str) -> None:
        self.browser.find("[role=alert]")
        self.look(name)


@pytest.fixture(params=["fr", "en"])
def telephone(
    request: pytest.FixtureRequest, scene: Scene, new_browser: Open, picture: Picture
) -> Telephone:
    return Telephone(scene, new_browser(phone=True, language=request.param), picture)


def test_the_pages_of_an_account_fit_a_telephone(telephone: Telephone) -> None:
    accept(telephone)
    forget_and_choose(telephone)
    set_up_a_second_check(telephone)
    move(telephone)
    leave(telephone)
    come_back(telephone)


def accept(at: Telephone) -> None:
    text = letter(at.scene, at.browser, f"{at.name}@demo.example", "Votre compte Mboolo")
    [link] = re.findall(r"http\S+/password/new/\S+", text)
    at.browser.open(link)
    at.look("00-invited")
    at.send(password=FIRST, again=FIRST)


def forget_and_choose(at: Telephone) -> None:
    at.open("/oauth2/password")
    at.look("01-forgotten")
    at.send(username=at.name)
    at.look("02-sent")
    text = letter(at.scene, at.browser, f"{at.name}@demo.example", "Nouveau mot de passe")
    [link] = re.findall(r"http\S+/password/new/\S+", text)
    at.browser.open(link)
    at.look("03-choose")
    at.send(password=SHORT, again=SHORT)
    at.is_refused("04-refused")
    at.send(password=NEW, again=NEW)
    at.look("05-saved")
    at.browser.click(".links a")
    at.send(username=at.name, password=NEW)
    at.look("06-account")


def set_up_a_second_check(at: Telephone) -> None:
    at.browser.click("details:has(#current-factor) summary")
    at.send("details:has(#current-factor) button", current_factor=NEW)
    secret = at.browser.text(".secret").replace(" ", "")
    at.look("07-enrol")
    at.send(code="000000")
    at.is_refused("08-enrol-wrong")
    at.send(code=of_the_telephone(secret))
    at.browser.find(".codes")
    assert not at.browser.sees("header a")  # the codes are shown once
    at.look("09-recovery")
    at.send()
    at.look("10-account")


def move(at: Telephone) -> None:
    at.browser.click("details:has(#address) summary")
    new = f"{at.name}.{int(time.time())}.une-adresse-assez-longue@du-saloum.example.sn"
    at.send("details:has(#address) button", address=new, current_address=NEW)
    at.browser.find("#code-address")
    at.look("11-address-code")
    code = code_in(letter(at.scene, at.browser, new, "Confirmez votre nouvelle adresse"))
    at.send("form:has(#code-address) button", code_address=code)
    at.browser.find("[role=status]")
    at.look("12-address-changed")
    letter(at.scene, at.browser, f"{at.name}@demo.example", "Votre adresse Mboolo a changé")


def leave(at: Telephone) -> None:
    at.browser.click(".links a")
    at.browser.find("main form button")
    at.look("13-sign-out")
    now = "return document.documentElement.lang"
    at.browser.click("header a")
    at.browser.wait(lambda: at.browser.run(now) != at.language, "read the other language")
    at.browser.click("header a")
    at.browser.wait(lambda: at.browser.run(now) == at.language, "read the first one again")
    at.send()
    at.look("14-signed-out")


def come_back(at: Telephone) -> None:
    at.open("/oauth2/sign-in")
    at.send(username=at.name, password=NEW)
    at.look("15-second-factor")
    at.send(code="000000")
    at.is_refused("16-wrong-code")
