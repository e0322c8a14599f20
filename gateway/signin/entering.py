"""Signing in, step by step: the password, then the telephone where the role asks for it."""

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from gateway.accounts import second_factor
from gateway.notices.models import NoticeKind
from gateway.signin import flow, forms, proving, signins, strong
from gateway.signin.browser import Browser
from gateway.signin.forms import Form
from gateway.signin.proving import Proof, TooManyFromHere
from gateway.signin.signins import Current
from gateway.signin.telling import tell

router = APIRouter(prefix="/oauth2/sign-in", include_in_schema=False)


@router.get("")
async def show(request: Request) -> Response:
    """Sign in for one's own account, without an application."""
    desk = forms.desk_for(request, Browser(request), None, "/oauth2/sign-in")
    return flow.sign_in_page(desk, None, client="", username="")


@router.post("")
async def sign_in(request: Request) -> Response:
    """A name and a password."""
    form = await forms.read(request, "sign-in", "/oauth2/sign-in")
    if not isinstance(form, Form):
        return form
    name = form.fields.get("username", "")[:200]
    password = form.fields.get("password", "")[:1000]
    try:
        proof = await proving.prove(request.app.state, form.desk.browser, name, password)
    except TooManyFromHere:
        return form.desk.page("message.html", 429, key="too_many", details="")
    if proof is None:
        return _failed(form, name)
    return await _next(form, proof)


def _failed(form: Form, name: str) -> Response:
    client = form.sealed.get("client", "")
    return flow.sign_in_page(form.desk, form.asked, client=client, username=name, failed=True)


async def _next(form: Form, proof: Proof) -> Response:
    state = form.desk.request.app.state
    if proof.person.has_second_factor:
        return strong.code_page(form.desk, form.asked, proof)
    async with state.database.transaction() as session:
        if proof.person.needs_second_factor(state.mint.strong_roles):
            secret = await second_factor.begin(session, proof.person.id, state.vault)
            return strong.enrolment_page(form.desk, form.asked, proof, secret=secret)
        current = await _begin(form, session, proof, ["pwd"])
    return await _on(form, proof, current)


@router.post("/code")
async def second_step(request: Request) -> Response:
    """The code of the telephone, or one on paper."""
    form = await forms.read(request, "code")
    if not isinstance(form, Form):
        return form
    database, code = request.app.state.database, form.fields.get("code", "")[:40]
    async with database.transaction() as session:
        proof = await strong.reopened(form, session)
        is_open = proof is not None and await _may_try(session, proof)
    if proof is None:
        return _failed(form, "")
    async with database.transaction() as session:
        is_right = is_open and await second_factor.use(
            session, proof.person.id, code, request.app.state.vault
        )
        if not is_right:
            return strong.code_page(form.desk, form.asked, proof, failed=True)
        current = await _begin(form, session, proof, ["pwd", "otp"])
    return await _on(form, proof, current)


async def _may_try(session: AsyncSession, proof: Proof) -> bool:
    try:
        return await proving.may_try(session, proof.counts)
    except TooManyFromHere:
        return False


@router.post("/enrolment")
async def enrol(request: Request) -> Response:
    """The first code of a telephone that was just enrolled; then the codes for paper."""
    form = await forms.read(request, "enrolment")
    if not isinstance(form, Form):
        return form
    state, code = request.app.state, form.fields.get("code", "")[:40]
    async with state.database.transaction() as session:
        proof = await strong.reopened(form, session)
        if proof is None or proof.person.has_second_factor:
            return _failed(form, "")
        secret = await second_factor.pending(session, proof.person.id, state.vault)
        fresh = None
        if secret is not None and strong.was_shown(form, secret):
            fresh = await second_factor.enrol(session, proof.person.id, code, state.vault)
        if fresh is None:
            return await strong.again(form, proof, session)
        await tell(session, state, proof.person.id, NoticeKind.SECOND_FACTOR_ON)
        current = await _begin(form, session, proof, ["pwd", "otp"])
    if current is None:
        return _failed(form, "")
    ticket = forms.ticket(form.desk, "on", form.asked)
    return form.desk.page("recovery.html", codes=fresh, ticket=ticket)


@router.post("/on")
async def go_on(request: Request) -> Response:
    """The codes are written down: on to where the person was going."""
    form = await forms.read(request, "on")
    if not isinstance(form, Form):
        return form
    if form.asked is None:
        return forms.to(form.desk, "/oauth2/account")
    return await flow.proceed(form.desk, form.asked)


async def _begin(
    form: Form, session: AsyncSession, proof: Proof, methods: list[str]
) -> Current | None:
    browser = form.desk.browser
    if not await proving.confirm(session, proof):
        return None
    await signins.end(session, browser.sign_in)
    cookie, current = await signins.begin(session, proof.person, methods, browser.label)
    browser.signed_in(cookie, proof.person.id)
    return current


async def _on(form: Form, proof: Proof, current: Current | None) -> Response:
    if current is None:
        return _failed(form, proof.person.username)
    if form.asked is None:
        return forms.to(form.desk, "/oauth2/account")
    return await flow.proceed(form.desk, form.asked, current)
