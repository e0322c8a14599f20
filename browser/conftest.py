"""A town, the example application beside it, and a browser for each test."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser.build import build
from browser.driver import Browser, browsing, driving
from browser.site import PORT, serve, settings_of
from contract.town import running_town

Open = Callable[..., Browser]


@dataclass(frozen=True)
class Scene:
    """Where everything is, and who may sign in."""

    platform: str
    application: str
    accounts: Path
    demo: dict[str, Any]

    def user(self, role: str) -> dict[str, str]:
        found: dict[str, str] = self.demo["users"][role]
        return found


@pytest.fixture(scope="session")
def scene() -> Iterator[Scene]:
    build()
    with running_town() as (origin, accounts):
        settings = settings_of(accounts)
        with _served(settings, PORT):
            demo = json.loads(accounts.read_text(encoding="utf-8"))
            yield Scene(origin, f"http://127.0.0.1:{PORT}/", accounts, demo)


@pytest.fixture
def foreign(scene: Scene) -> Iterator[str]:
    """The very same application, at an origin that nobody listed."""
    client = scene.demo["clients"]["frontend"]
    settings = {
        "origin": scene.platform,
        "client_id": client["client_id"],
        "redirect_uri": f"http://127.0.0.1:{PORT + 1}/callback",
        "after_logout": f"http://127.0.0.1:{PORT + 1}/",
    }
    with _served(settings, PORT + 1):
        yield f"http://127.0.0.1:{PORT + 1}/"


@contextmanager
def _served(settings: dict[str, str], port: int) -> Iterator[None]:
    with serve(settings, port) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def driver() -> Iterator[httpx.Client]:
    with driving() as found:
        yield found


@pytest.fixture
def new_browser(driver: httpx.Client) -> Iterator[Open]:
    """Browsers that nobody has used: `phone=True`, `language="en"`."""
    with ExitStack() as stack:
        yield lambda **wishes: stack.enter_context(browsing(driver, **wishes))


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Browser, str], None]:
    """Keep what is seen in the folder that `PICTURES` names, if it does."""
    folder = os.environ.get("PICTURES")

    def keep(browser: Browser, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            browser.picture(Path(folder) / f"{request.node.name}-{name}.png")

    return keep
