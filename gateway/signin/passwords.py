"""The first password, by the code of an invitation, and a new one when it was forgotten."""

from fastapi import APIRouter, Request
from sqlalchemy import text
from starlette.background import BackgroundTask
from starlette.responses import Response

from chassis.sql import run
from gateway.accounts import codes, password_rules
from gateway.accounts.models import Account, AccountStatus, CodePurpose
from gateway.notices.models import NoticeKind
from gateway.signin import attempts, forms, passwording
from gateway.signin.browser import Browser
from gateway.signin.forms import Form
from gateway.signin.pages import Desk
from gateway.users import addresses
from gateway.users.letters import send_code

router = APIRouter(prefix="/oauth2/password", include_in_schema=False)
_HOME, _NEW = "/oauth2/password", "/oauth2/password/new"
_LETTERS_PER_NAME = 3
_LETTERS_PER_ADDRESS = 20
_BOTH = (CodePurpose.INVITATION, CodePurpose.PASSWORD_RESET)
_FIND = text("select id from account where username = :name or email_blind = :blind limit 1")


@router.get("")
async def forgotten(request: Request) -> Response:
    """Ask for a code: the password is forgotten."""
    desk = forms.desk_for(request, Browser(request), None, _HOME)
    return desk.page("forgotten.html", ticket=forms.ticket(desk, "forgotten", None))


@router.post("")
async def send(request: Request) -> Response:
    """Send a code, if somebody has this name; the answer is the same if nobody has, and as fast."""
    form = await forms.read(request, "forgotten", _HOME)
    if not isinstance(form, Form):
        return form
    name = form.fields.get("username", "").strip().lower()[:254]
    vault, desk = request.app.state.vault, form.desk
    async with request.app.state.database.transaction() as session:
        of_name = vault.blind(f"letters name:{name}")
        of_address = vault.blind(f"letters address:{desk.browser.address}")
        most = _LETTERS_PER_ADDRESS * desk.browser.factor
        is_open = await attempts.attempt(session, of_address, most)
        is_open = await attempts.attempt(session, of_name, _LETTERS_PER_NAME) and is_open
    answer = desk.page("message.html", key="sent", details="")
    if is_open:  # once the answer has left
        answer.background = BackgroundTask(_write, request.app.state, name)
    return answer


async def _write(state: object, name: str) -> None:
    database, vault = state.database, state.vault  # type: ignore[attr-defined]  # of Starlette
    async with database.transaction() as session:
        row = {"name": name, "blind": addresses.blind(name, vault)}
        found = (await run(session, _FIND, row)).scalar_one_or_none()
        account = await session.get(Account, found) if found else None
        kind = _LETTERS.get(account.status) if account else None
        if account is not None and kind is not None:
            await send_code(session, account, kind, vault=vault)


# Whoever was invited and lost the letter gets another one.
_LETTERS = {
    AccountStatus.INVITED: NoticeKind.INVITATION,
    AccountStatus.ACTIVE: NoticeKind.PASSWORD_RESET,
}


@router.get("/new")
async def type_code(request: Request) -> Response:
    """A code was received: type it, and choose a password."""
    return _page(forms.desk_for(request, Browser(request), None, _NEW), "")


@router.get("/new/{code}")
async def follow_link(request: Request, code: str) -> Response:
    """The same from the link in the letter. Looking at it uses nothing up.

    Where the link was broken on its way, the code on paper can still be typed.
    """
    plain = codes.plain(code)
    if not codes.is_one(plain):
        return _page(forms.desk_for(request, Browser(request), None, _NEW), "", status=404)
    desk = forms.desk_for(request, Browser(request), None, f"{_NEW}/{plain}")
    return _page(desk, codes.grouped(plain))


def _page(desk: Desk, code: str, faults: tuple[str, ...] = (), status: int = 200) -> Response:
    return desk.page(
        "new_password.html",
        400 if faults else status,
        ticket=forms.ticket(desk, "new-password", None),
        code=code,
        faults=faults,
        shortest=str(password_rules.SHORTEST),
    )


@router.post("/new")
async def choose(request: Request) -> Response:
    """Use the code up, and sign in with the new password from now on."""
    form = await forms.read(request, "new-password", _NEW)
    if not isinstance(form, Form):
        return form
    code = form.fields.get("code", "")[:40]
    faults = await passwording.by_code(request.app.state, form, code, _BOTH)
    if faults:
        return _page(form.desk, code, faults)
    return form.desk.page("message.html", key="password_set", details="", onward=True)
