"""Pages for persons: rendered from templates that escape, with headers that allow nothing else.

No script, nothing from elsewhere, no frame around them, nothing kept by caches.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from chassis.catalogue import Language, preferred_language
from gateway.signin.browser import Browser
from gateway.signin.words import WORDS, scope_words

_HERE = Path(__file__).parent / "templates"
_STYLE = (_HERE / "style.css").read_text(encoding="utf-8")
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
# a web origin by name or by IPv6 address, or the scheme of an application on a telephone, which
# has a dot (RFC 8252 §7.1) and is therefore never one that runs what follows
_ORIGIN = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?|[a-z][a-z0-9+-]*\.[a-z0-9+.-]+:"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    # with `no-referrer` browsers would hide from us where our own forms come from
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
}


@dataclass(frozen=True)
class Desk:
    """A request as the pages see it: the browser, the language, where another language is."""

    request: Request
    browser: Browser
    language: Language
    other_address: str
    leads_to: str = ""  # where the form of the page may end, beside here

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page; a refusal says so by its status."""
        values.setdefault("onward", False)
        content = _ENVIRONMENT.get_template(template).render(
            t=partial(say, self.language),
            scope=partial(scope_words, self.language),
            language=self.language,
            other_address=self.other_address,
            style=_STYLE,
            **values,
        )
        headers = _HEADERS | {
            "Content-Security-Policy": self._policy(),
            "Content-Language": self.language,
        }
        return self.browser.answer(HTMLResponse(content, status, headers))

    def _policy(self) -> str:
        # browsers hold the redirect that follows a form to `form-action` too
        forms = " ".join(filter(None, ("'self'", _origin(self.leads_to))))
        return (
            f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action {forms};"
            " base-uri 'none'; frame-ancestors 'none'"
        )


def _origin(address: str) -> str:
    # pages that refuse an address are shown with it too: what could say more than an origin in a
    # policy, or not stand in a header at all, is left out
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https")
    origin = f"{parts.scheme}://{parts.netloc}" if is_web else f"{parts.scheme}:"
    return origin if _ORIGIN.fullmatch(origin) else ""


def say(language: Language, key: str, **values: str) -> str:
    """A sentence of ours."""
    french, english = WORDS[key]
    return (french if language == "fr" else english).format(**values)


def chosen_language(request: Request, wish: str = "") -> Language:
    """The first of the wished languages that we speak, else what the browser prefers."""
    for tag in wish.split():
        if tag.split("-")[0].lower() in ("fr", "en"):
            return "fr" if tag[:2].lower() == "fr" else "en"
    return preferred_language(request.headers.get("accept-language"))


def other(language: Language) -> Language:
    """The other one."""
    return "en" if language == "fr" else "fr"
