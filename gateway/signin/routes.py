"""The addresses to which applications send persons, and the forms that persons send there."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.issuer import fields
from gateway.issuer.fields import BadFields
from gateway.signin import asking, consents, flow, forms, signins
from gateway.signin.asking import Asked, Refused
from gateway.signin.browser import Browser
from gateway.signin.forms import Form

router = APIRouter(include_in_schema=False)


@router.get("/oauth2/authorize")
async def authorize(request: Request) -> Response:
    """Where an application sends a person (RFC 6749 §4.1.1, PKCE with S256)."""
    try:
        asked = Asked(fields.parsed(request.scope["query_string"]))
    except BadFields as error:
        return _unreadable(request, error)
    return await _begin(request, asked)


@router.post("/oauth2/authorize")
async def authorize_by_form(request: Request) -> Response:
    """The same as a form (OpenID Connect Core §3.1.2.1)."""
    try:
        asked = Asked(await fields.form(request))
    except BadFields as error:
        return _unreadable(request, error)
    return await _begin(request, asked)


async def _begin(request: Request, asked: Asked) -> Response:
    return await flow.proceed(forms.desk_for(request, Browser(request), asked), asked)


def _unreadable(request: Request, error: BadFields) -> Response:
    desk = forms.desk_for(request, Browser(request), None)
    return desk.page("message.html", 400, key="bad_request", details=str(error))


@router.post("/oauth2/consent")
async def consent(request: Request) -> Response:
    """What the person answers to an application's wish."""
    form = await forms.read(request, "consent")
    if not isinstance(form, Form):
        return form
    desk, asked, state = form.desk, form.asked, request.app.state
    assert asked is not None  # noqa: S101  the page is shown for nothing else
    async with state.database.transaction() as session:
        valid = await session.run_sync(asking.check, state.mint, asked)
        if isinstance(valid, Refused):
            return flow.refuse(desk, asked, valid)
        if form.fields.get("decision") != "allow":
            return flow.refuse(desk, asked, flow.denied(valid))
        current = await signins.find(session, desk.browser.sign_in)
        is_same = current is not None and current.sha256 == form.sealed["sign_in"]
        if current is None or not is_same or not await signins.holds(session, current):
            return desk.page("message.html", 403, key="stale", details="")
        scopes = valid.client.granted(form.sealed["scopes"], current.person)
        client_id = valid.client.get_client_id()
        await consents.give(session, current.person.id, client_id, scopes)
        return await flow.give_code(desk, asked, scopes, session=session, current=current)
