"""What came from a form of ours: its fields, and what its ticket held."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from gateway.issuer import fields
from gateway.issuer.fields import BadFields
from gateway.signin.asking import Asked
from gateway.signin.browser import Browser, is_from_here
from gateway.signin.pages import Desk, chosen_language, other
from gateway.signin.tickets import TicketRefused


@dataclass(frozen=True)
class Form:
    """A form that was shown in this browser, for this act, at most half an hour ago."""

    desk: Desk
    fields: dict[str, str]
    sealed: dict[str, Any]

    @property
    def asked(self) -> Asked | None:
        """The authorization request in whose course it was shown."""
        return Asked(**self.sealed["asked"]) if self.sealed.get("asked") else None


def desk_for(request: Request, browser: Browser, asked: Asked | None, home: str = "") -> Desk:
    """The desk of a page: in the course of an authorization, or at an address of its own."""
    if asked is not None:
        language = chosen_language(request, asked.fields.get("ui_locales", ""))
        elsewhere = asked.address(ui_locales=other(language))
        return Desk(request, browser, language, elsewhere, asked.fields.get("redirect_uri", ""))
    wish = request.query_params.get("lang") or request.query_params.get("ui_locales", "")
    language = chosen_language(request, wish)
    return Desk(request, browser, language, f"{home}?lang={other(language)}" if home else "")


def ticket(desk: Desk, act: str, asked: Asked | None, **more: Any) -> str:
    """The hidden field of a form for `act`."""
    about = {"fields": asked.fields, "at": asked.at} if asked else None
    content = {"asked": about, "language": desk.language, **more}
    made: str = desk.request.app.state.tickets.issue(desk.browser.form, act, content)
    return made


async def read(request: Request, act: str, home: str = "") -> Form | Response:
    """The form, or the page that says why it is not accepted."""
    browser = Browser(request)
    try:
        sent = await fields.form(request)
        if not is_from_here(request):
            raise TicketRefused()
        sealed = request.app.state.tickets.read(browser.form, act, sent.get("ticket", ""))
    except (BadFields, TicketRefused):
        return desk_for(request, browser, None).page("message.html", 403, key="stale", details="")
    asked = Asked(**sealed["asked"]) if sealed["asked"] else None
    desk = desk_for(request, browser, asked, home)
    return Form(_speaking(desk, sealed["language"], home), sent, sealed)


def _speaking(desk: Desk, language: Any, home: str) -> Desk:
    # a form is answered in the language in which it was shown
    if desk.language == language or desk.leads_to:
        return desk
    elsewhere = f"{home}?lang={other(language)}" if home else ""
    return Desk(desk.request, desk.browser, language, elsewhere)


def to(desk: Desk, address: str, status: int = 303) -> Response:
    """Go there, with a GET."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return desk.browser.answer(RedirectResponse(address, status, headers))
