"""A person's own account, as pages: password, browsers, applications."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.issuer import endings
from gateway.signin import flow, forms, mine, passwording, proving, visits
from gateway.signin.browser import Browser
from gateway.signin.visits import HOME, Visit
from gateway.users.repository import Users

router = APIRouter(prefix=HOME, include_in_schema=False)
_ENDED = "ENDED_BY_THE_PERSON"


@router.get("")
async def show(request: Request) -> Response:
    """The person's account; who is not signed in signs in first."""
    desk = forms.desk_for(request, Browser(request), None, HOME)
    async with request.app.state.database.transaction() as session:
        current = await visits.here(desk, session)
    if current is None:
        return flow.sign_in_page(desk, None, client="", username="")
    return await visits.page(desk, current)


@router.post("/sign-ins")
async def end_sign_in(request: Request) -> Response:
    """Sign out one browser, or all the others."""
    visit = await visits.visit(request)
    if not isinstance(visit, Visit):
        return visit
    wish = visit.form.fields.get("sign_in", "")
    async with request.app.state.database.transaction() as session:
        if wish == "others":
            await endings.end_others(session, visit.person.id, visit.current.sha256, _ENDED)
        else:
            await mine.end_sign_in(session, visit.person.id, wish)
    return forms.to(visit.desk, HOME)


@router.post("/applications")
async def withdraw(request: Request) -> Response:
    """Take back what was allowed to an application."""
    visit = await visits.visit(request)
    if not isinstance(visit, Visit):
        return visit
    async with request.app.state.database.transaction() as session:
        await mine.withdraw(session, visit.person.id, visit.form.fields.get("client", ""))
    return forms.to(visit.desk, HOME)


@router.post("/password")
async def change_password(request: Request) -> Response:
    """A new password for who knows the old one."""
    visit = await visits.visit(request)
    if not isinstance(visit, Visit):
        return visit
    person, state = visit.person, request.app.state
    faults = passwording.found(visit.form, (person.username, person.full_name))
    if faults:
        return await visits.page(visit.desk, visit.current, fault=faults[0])
    proof = await visit.proof()
    if proof is None:
        return await visits.page(visit.desk, visit.current, fault="password_wrong")
    hashed = await state.passwords.hash(visit.form.fields["password"])
    async with state.database.transaction() as session:
        if not await proving.confirm(session, proof):
            return visit.desk.page("message.html", 403, key="stale", details="")
        account = await Users(session).get(person.id)
        await passwording.change(
            session, account, hashed, but=visit.current.sha256, vault=state.vault
        )
    return await visits.page(visit.desk, visit.current, done="password_changed")
