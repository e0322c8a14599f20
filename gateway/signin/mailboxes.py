"""The address of one's own account, as forms of the account page."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.signin import moving, proving, visits
from gateway.signin.visits import HOME, Visit
from gateway.users.repository import Users

router = APIRouter(prefix=f"{HOME}/address", include_in_schema=False)


@router.post("")
async def ask(request: Request) -> Response:
    """Have a code sent to another address, for who knows the password."""
    visit = await visits.visit(request)
    if not isinstance(visit, Visit):
        return visit
    fault = await _ask(request, visit)
    done = "" if fault else "address_code_sent"
    return await visits.page(visit.desk, visit.current, fault=fault, done=done)


async def _ask(request: Request, visit: Visit) -> str:
    state = request.app.state
    address = moving.address_in(visit.form.fields.get("address", "")[:300])
    if address is None:
        return "address_wrong"
    proof = await visit.proof()
    if proof is None:
        return "address_password_wrong"
    async with state.database.transaction() as session:
        if not await moving.may_write(session, state.vault, visit.person.id, address):
            return "address_too_many"
    async with state.database.transaction() as session:
        account = await Users(session).lock(visit.person.id)
        if not await proving.confirm(session, proof):
            return "address_password_wrong"
        await moving.ask(session, account, address, vault=state.vault)
    return ""


@router.post("/confirmation")
async def confirm(request: Request) -> Response:
    """The code that came there: the address is the account's from now on."""
    visit = await visits.visit(request)
    if not isinstance(visit, Visit):
        return visit
    code = visit.form.fields.get("code", "")[:40]
    fault = await moving.confirm(request.app.state, visit.person.id, code)
    done = "" if fault else "address_changed"
    return await visits.page(visit.desk, visit.current, fault=fault, done=done)
