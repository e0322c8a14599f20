"""A person at their own account: shown it in this browser, and who else they must prove to be."""

from dataclasses import dataclass

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from gateway.accounts import second_factor
from gateway.accounts.persons import Person
from gateway.pages.words import value
from gateway.signin import forms, mine, moving, proving, signins
from gateway.signin.forms import Form
from gateway.signin.pages import Desk
from gateway.signin.proving import Proof, TooManyFromHere
from gateway.signin.signins import Current
from gateway.users import addresses
from gateway.users.repository import Users

HOME = "/oauth2/account"


@dataclass(frozen=True)
class Visit:
    """A form of the account page, sent by whom it was shown to."""

    form: Form
    current: Current

    @property
    def desk(self) -> Desk:
        """Where the answer is made."""
        return self.form.desk

    @property
    def person(self) -> Person:
        """Whose account it is."""
        return self.current.person

    async def proof(self) -> Proof | None:
        """That the person typed their password once more; counted like a sign-in."""
        password = self.form.fields.get("current", "")[:1000]
        state = self.desk.request.app.state
        try:
            return await proving.prove(state, self.desk.browser, self.person.username, password)
        except TooManyFromHere:
            return None

    async def may_try(self, session: AsyncSession) -> bool:
        """Count an attempt at a code; whether it may be made."""
        vault = self.desk.request.app.state.vault
        counts = proving.counts_of(vault, self.desk.browser, self.person.username, self.person.id)
        try:
            return await proving.may_try(session, counts)
        except TooManyFromHere:
            return False


async def here(desk: Desk, session: AsyncSession) -> Current | None:
    """Who is signed in in this browser, as strongly as their roles ask for."""
    current = await signins.find(session, desk.browser.sign_in)
    strong_roles = desk.request.app.state.mint.strong_roles
    return current if current and current.suffices(strong_roles) else None


async def visit(request: Request, act: str = "account") -> Visit | Response:
    """The visit, or the page that says why the form is not accepted."""
    form = await forms.read(request, act, HOME)
    if not isinstance(form, Form):
        return form
    async with request.app.state.database.transaction() as session:
        current = await here(form.desk, session)
    if current is None or current.sha256 != form.sealed["sign_in"]:
        return form.desk.page("message.html", 403, key="stale", details="")
    return Visit(form, current)


def ticket(desk: Desk, current: Current) -> str:
    """The hidden field of every form of the account page."""
    return forms.ticket(desk, "account", None, sign_in=current.sha256)


async def page(desk: Desk, current: Current, *, fault: str = "", done: str = "") -> Response:
    """The account as it is now."""
    state, person = desk.request.app.state, current.person
    async with state.database.transaction() as session:
        shown = await here(desk, session) or current
        account = await Users(session).get(person.id)
        return desk.page(
            "account.html",
            400 if fault else 200,
            person=shown.person,
            here=current.sha256,
            ticket=ticket(desk, current),
            sign_ins=await mine.sign_ins(session, person.id),
            applications=await mine.applications(session, person.id),
            recovery_left=str(await second_factor.recovery_left(session, person.id)),
            address=addresses.hint(account, state.vault) or "",
            awaited=await moving.awaited(session, account, state.vault) or "",
            must_have=person.must_have_second_factor(state.mint.strong_roles),
            day=lambda instant: value(instant.isoformat(), desk.language),
            fault=fault,
            done=done,
        )
