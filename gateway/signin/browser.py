"""The browser in front of us: its three cookies, and who signed in there.

`form` ties our forms to this browser; `sign-in` is the sign-in itself; `known` says that a person
came in here before, so that strangers who try that person's name cannot lock them out.
"""

import hmac
import re
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from gateway.settings import GatewaySettings
from gateway.signin.tickets import Tickets

SIGN_IN_LIVES = timedelta(hours=12)
_KNOWN_LIVES = timedelta(days=180)
_RANDOM = re.compile(r"[A-Za-z0-9_-]{43}")
_AGENTS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome"}
_AGENTS |= {"Safari": "Safari"}
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
_SYSTEMS |= {"Mac OS": "macOS", "Linux": "Linux"}


class Browser:
    """Reads the cookies of a request and writes those of its answer."""

    def __init__(self, request: Request) -> None:
        settings: GatewaySettings = request.app.state.settings
        self._tickets: Tickets = request.app.state.tickets
        self._is_tls = settings.public_url.startswith("https://")
        # the prefix keeps other hosts of our domain from planting a cookie of this name
        self._prefix = "__Host-mboolo-" if self._is_tls else "mboolo-"
        self._changes: dict[str, tuple[str, int | None]] = {}
        cookies = {name: request.cookies.get(self._prefix + name, "") for name in _NAMES}
        self.form, self.sign_in, self.known = (cookies[name] for name in _NAMES)
        # how many times as patient we are with an address as usual: high for load tests
        self.factor = settings.limit_factor
        self.address: str = request.app.state.addresses.of(request.scope)
        self.label = _label(request.headers.get("user-agent", ""))
        if not _RANDOM.fullmatch(self.form):
            self.form = secrets.token_urlsafe(32)
            self._changes["form"] = (self.form, None)

    def knows(self, account_id: str) -> str | None:
        """The mark of this browser if the person signed in here before."""
        mark, _, seal = self.known.partition(".")
        wanted = self._tickets.mark(f"{account_id}:{mark}")
        return mark if mark and hmac.compare_digest(seal.encode(), wanted.encode()) else None

    def signed_in(self, cookie: str, account_id: str) -> None:
        """From the next request on, this browser is signed in, and known to the person."""
        self._changes["sign-in"] = (cookie, None)
        mark = self.knows(account_id) or secrets.token_hex(16)
        seal = self._tickets.mark(f"{account_id}:{mark}")
        self._changes["known"] = (f"{mark}.{seal}", int(_KNOWN_LIVES.total_seconds()))

    def signed_out(self) -> None:
        """Nobody is signed in here any more."""
        self.sign_in = ""
        self._changes["sign-in"] = ("", 0)

    def answer(self, response: Response) -> Response:
        """`response` with the cookies that changed."""
        for name, (value, lives_s) in self._changes.items():
            response.set_cookie(
                self._prefix + name,
                value,
                max_age=lives_s,
                path="/",
                secure=self._is_tls,
                httponly=True,
                samesite="lax",
            )
        return response


_NAMES = ("form", "sign-in", "known")


def is_from_here(request: Request) -> bool:
    """Whether a form was sent from a page of ours, as far as the browser says."""
    origin = request.headers.get("origin")
    if origin is None:
        return True  # old browsers; the ticket decides
    ours = {urlsplit(request.app.state.settings.public_url).netloc, request.headers.get("host")}
    return urlsplit(origin).netloc in ours


def _label(agent: str) -> str:
    names = (next((n for key, n in table.items() if key in agent), "") for table in _TABLES)
    return ", ".join(filter(None, names))


_TABLES = (_AGENTS, _SYSTEMS)
