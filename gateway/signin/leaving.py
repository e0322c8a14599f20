"""Signing out: at the wish of an application (RP-Initiated Logout), or of the person."""

from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from chassis.catalogue import Language
from gateway.issuer import clients, endings, fields, hints
from gateway.issuer.fields import BadFields
from gateway.issuer.hints import Hint
from gateway.signin import forms, signins
from gateway.signin.browser import Browser
from gateway.signin.forms import Form
from gateway.signin.pages import Desk, other

router = APIRouter(include_in_schema=False)
_HOME = "/oauth2/logout"
_REASON = "SIGNED_OUT"
_REPEATED = ("post_logout_redirect_uri", "state")


@dataclass(frozen=True)
class _Wish:
    """Where to go afterwards (empty: nowhere), who the application thinks is here, and the same
    wish as an address: without the token, which shall not stand in a link."""

    back: str
    hint: Hint | None
    fields: dict[str, str]

    def address(self, language: Language) -> str:
        """Where it is asked for in another language."""
        return f"{_HOME}?{urlencode({**self.fields, 'lang': language})}"


@router.get(_HOME)
async def leave(request: Request) -> Response:
    """Where an application sends a person who wants to sign out."""
    try:
        return await _leave(request, fields.parsed(request.scope["query_string"]))
    except BadFields as error:
        return _unanswered(_desk(request), str(error))


@router.post(_HOME)
async def leave_by_form(request: Request) -> Response:
    """The same as a form."""
    try:
        return await _leave(request, await fields.form(request))
    except BadFields as error:
        return _unanswered(_desk(request), str(error))


def _desk(request: Request) -> Desk:
    return forms.desk_for(request, Browser(request), None, _HOME)


def _unanswered(desk: Desk, details: str) -> Response:
    return desk.page("message.html", 400, key="bad_request", details=details)


async def _leave(request: Request, sent: dict[str, str]) -> Response:
    desk, state = _desk(request), request.app.state
    wish = await _wish(request, sent)
    if isinstance(wish, str):
        return _unanswered(desk, wish)
    async with state.database.transaction() as session:
        current = await signins.find(session, desk.browser.sign_in)
        if current is not None and (wish.hint is None or wish.hint.sub != current.person.id):
            return _ask(desk, wish, current.person.name)
        if current is not None:
            await endings.end_sign_in(session, current.sha256, _REASON)
        if wish.hint is not None:
            await endings.end_family(session, wish.hint.sid, _REASON)
    return _gone(desk, wish.back)


async def _wish(request: Request, sent: dict[str, str]) -> _Wish | str:
    state = request.app.state
    hint = None
    if "id_token_hint" in sent:
        hint = hints.read(sent["id_token_hint"], state.keys.public(), state.mint.issuer)
        if hint is None or sent.get("client_id", hint.client_id) != hint.client_id:
            return "id_token_hint is not an ID token that was given to this client."
    back = sent.get("post_logout_redirect_uri", "")
    client_id = hint.client_id if hint else sent.get("client_id", "")
    async with state.database.transaction() as session:
        if back and not await session.run_sync(_is_registered, client_id, back):
            return "post_logout_redirect_uri is not one that the client registered."
    kept = {name: sent[name] for name in _REPEATED if name in sent}
    if back and "state" in sent:
        back = str(add_params_to_uri(back, [("state", sent["state"])]))
    return _Wish(back, hint, {**kept, **({"client_id": client_id} if client_id else {})})


def _is_registered(session: Session, client_id: str, back: str) -> bool:
    client = clients.find(session, client_id)
    return client is not None and back in client.row.post_logout_uris


def _ask(desk: Desk, wish: _Wish, person: str) -> Response:
    # without a token of theirs, any page could send the person here to sign them out
    elsewhere = wish.address(other(desk.language))
    asking = Desk(desk.request, desk.browser, desk.language, elsewhere, wish.back)
    ticket = forms.ticket(asking, "sign-out", None, back=wish.back)
    return asking.page("sign_out.html", person=person, ticket=ticket)


@router.post("/oauth2/sign-out")
async def sign_out(request: Request) -> Response:
    """The person wants to sign out here."""
    form = await forms.read(request, "sign-out", _HOME)
    if not isinstance(form, Form):
        return form
    async with request.app.state.database.transaction() as session:
        current = await signins.find(session, form.desk.browser.sign_in)
        if current is not None:
            await endings.end_sign_in(session, current.sha256, _REASON)
    return _gone(form.desk, form.sealed["back"])


def _gone(desk: Desk, back: str) -> Response:
    desk.browser.signed_out()
    if back:
        return forms.to(desk, back)
    return desk.page("message.html", key="signed_out", details="")
