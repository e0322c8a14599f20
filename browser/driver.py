"""A real browser without a window, led through chromedriver (W3C WebDriver)."""

import base64
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx

from contract.refusals import CannotJudge

T = TypeVar("T")
_PATIENCE_S = 60.0
_NAMES = ("chromium", "google-chrome", "chromium-browser", "chrome")
_ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # this machine alone
]
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_PHONE = {"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 2.0, "touch": True}}


def program() -> str:
    """The browser on PATH."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None or shutil.which("chromedriver") is None:
        raise CannotJudge("Chromium and chromedriver are not on PATH: `make browser` says how.")
    return found


class Browser:
    """One session of the browser: what a person does with it, and what they see."""

    def __init__(self, driver: httpx.Client, session: str) -> None:
        self._driver = driver
        self._session = session

    def open(self, url: str) -> None:
        """Go there."""
        self._post("url", url=url)

    @property
    def url(self) -> str:
        """Where we are."""
        return str(self._get("url"))

    def find(self, selector: str) -> str:
        """The first element that a person can see, as soon as it is there."""
        return self.wait(lambda: self._visible(selector), f"see {selector}")

    def _visible(self, selector: str) -> str | None:
        found = self._post("elements", using="css selector", value=selector)
        ids = (one[_ELEMENT] for one in found)
        return next((id for id in ids if self._get(f"element/{id}/displayed")), None)

    def sees(self, selector: str) -> bool:
        """Whether a person can see such an element now."""
        return self._visible(selector) is not None

    def text(self, selector: str) -> str:
        """The text of the first such element."""
        return str(self._held(selector, lambda id: self._get(f"element/{id}/text")))

    def click(self, selector: str) -> None:
        """Click it."""
        self._held(selector, lambda id: self._post(f"element/{id}/click"))

    def write(self, selector: str, text: str) -> None:
        """Write into a field, in place of what stood there."""

        def written(id: str) -> None:
            self._post(f"element/{id}/clear")
            self._post(f"element/{id}/value", text=text)

        self._held(selector, written)

    def _held(self, selector: str, act: Callable[[str], T]) -> T:
        """What an act on the first such element gives; tried again where the page takes it away
        between the look and the act, which then has not happened."""

        def tried() -> tuple[T] | None:
            found = self._visible(selector)
            return None if found is None else (act(found),)

        [given] = self.wait(tried, f"use {selector}")
        return given

    def run(self, script: str, *words: Any) -> Any:
        """What a script in the page returns."""
        return self._post("execute/sync", script=script, args=list(words))

    def await_text(self, selector: str, text: str) -> None:
        """Wait until the element says so."""

        def says() -> bool:
            script = "return document.querySelector(arguments[0])?.textContent ?? ''"
            return text in str(self.run(script, selector))

        self.wait(says, f"read {text!r} in {selector}")

    def await_url(self, start: str) -> None:
        """Wait until the address begins so."""
        self.wait(lambda: self.url.startswith(start), f"be at {start}")

    def wait(self, until: Callable[[], T | None], what: str) -> T:
        """Try until it is so; pages change under our hands meanwhile."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            try:
                if found := until():
                    return found
            except WebDriverError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"could not {what} at {self.url}:\n{self._shown()}")

    def _shown(self) -> str:
        return str(self.run("return document.body.innerText"))[:2_000]

    @property
    def complaints(self) -> list[str]:
        """What the browser wrote to its console since we last asked: errors and violations."""
        return [str(entry["message"]) for entry in self._post("se/log", type="browser")]

    @property
    def is_too_wide(self) -> bool:
        """Whether a person would have to scroll sideways."""
        script = (
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return bool(self.run(script))

    def picture(self, file: Path) -> None:
        """Keep what is seen."""
        file.write_bytes(base64.b64decode(self._get("screenshot")))

    def _get(self, path: str) -> Any:
        return _value(self._driver.get(f"/session/{self._session}/{path}"))

    def _post(self, path: str, **words: Any) -> Any:
        return _value(self._driver.post(f"/session/{self._session}/{path}", json=words))


class WebDriverError(Exception):
    """The driver could not do it."""


def _value(answer: httpx.Response) -> Any:
    value = answer.json()["value"]
    if answer.status_code != 200:
        raise WebDriverError(f"{value['error']}: {value['message']}")
    return value


@contextmanager
def driving() -> Iterator[httpx.Client]:
    """A running chromedriver."""
    browser = program()
    command = ["chromedriver", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        said = (line.decode() for line in process.stdout)
        port = next(
            found[1] for line in said if (found := re.search(r"successfully on port (\d+)", line))
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=180) as driver:
                driver.headers["x-browser"] = browser
                yield driver
        finally:
            process.terminate()


@contextmanager
def browsing(
    driver: httpx.Client, *, phone: bool = False, language: str = "fr"
) -> Iterator[Browser]:
    """A browser that nobody has used before."""
    with TemporaryDirectory(prefix="mboolo-browser-") as folder:
        options = {
            "binary": driver.headers["x-browser"],
            "args": [*_ARGUMENTS, f"--user-data-dir={folder}", f"--accept-lang={language}"],
            "prefs": {"intl.accept_languages": language},
            **({"mobileEmulation": _PHONE} if phone else {}),
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = _value(driver.post("/session", json={"capabilities": {"alwaysMatch": wanted}}))
        try:
            yield Browser(driver, made["sessionId"])
        finally:
            driver.delete(f"/session/{made['sessionId']}")
