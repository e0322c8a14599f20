"""An authorization request on its way: is it valid, who is here, do they agree, the code."""

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from gateway.accounts.persons import Person
from gateway.issuer.tokens import Mint
from gateway.signin import asking, consents, forms, signins
from gateway.signin.asking import Asked, Refused, Valid
from gateway.signin.pages import Desk
from gateway.signin.signins import Current

_LOGIN = Refused("login_required", "Nobody is signed in, or not recently enough.")
_CONSENT = Refused("consent_required", "The person has not allowed this yet.")
_NOTHING = Refused("access_denied", "The person holds none of the scopes.")


async def proceed(desk: Desk, asked: Asked, current: Current | None = None) -> Response:
    """Whatever comes next: a page, or the way back to the application.

    `current` is who has just signed in, else whoever the browser's cookie names.
    """
    state = desk.request.app.state
    async with state.database.transaction() as session:
        valid = await session.run_sync(asking.check, state.mint, asked)
        if isinstance(valid, Refused):
            return refuse(desk, asked, valid)
        current = current or await signins.find(session, desk.browser.sign_in)
        if not _is_enough(current, asked, state.mint):
            return _sign_in(desk, asked, valid)
        assert current is not None  # noqa: S101  tells mypy
        scopes = valid.client.granted(valid.scopes, current.person)
        if not scopes:
            return _back(desk, asked, valid, _NOTHING)
        client_id = valid.client.get_client_id()
        is_asked = "consent" in asked.prompts or not await signins.holds(session, current)
        if not is_asked and await consents.covers(session, current.person.id, client_id, scopes):
            return await give_code(desk, asked, scopes, session=session, current=current)
    return _consent(desk, asked, valid, scopes=scopes, current=current)


def _is_enough(current: Current | None, asked: Asked, mint: Mint) -> bool:
    if current is None or not current.suffices(mint.strong_roles):
        return False
    return asked.accepts(current.signed_in_at)


async def give_code(
    desk: Desk, asked: Asked, scopes: list[str], *, session: AsyncSession, current: Current
) -> Response:
    """The way back with a code, in a transaction that holds the sign-in."""
    mint: Mint = desk.request.app.state.mint
    address = await session.run_sync(asking.issue, mint, asked, scopes, current)
    return forms.to(desk, address, _status(desk))


def refuse(desk: Desk, asked: Asked, refused: Refused) -> Response:
    """Tell the application, if it is really one of ours; else the person."""
    if refused.redirect_uri is None:
        details = f"{refused.error}: {refused.description}"
        return desk.page("message.html", 400, key="bad_request", details=details)
    address = asking.refusal(desk.request.app.state.mint, asked, refused)
    return forms.to(desk, address, _status(desk))


def denied(valid: Valid) -> Refused:
    """The person said no."""
    return Refused("access_denied", "The person refused.", valid.redirect_uri)


def _status(desk: Desk) -> int:
    # after a form, 303 lets nobody send the form on (RFC 9700 §4.12)
    return 303 if desk.request.method == "POST" else 302


def _back(desk: Desk, asked: Asked, valid: Valid, refused: Refused) -> Response:
    return refuse(desk, asked, Refused(refused.error, refused.description, valid.redirect_uri))


def _sign_in(desk: Desk, asked: Asked, valid: Valid) -> Response:
    if "none" in asked.prompts:
        return _back(desk, asked, valid, _LOGIN)
    hint = asked.fields.get("login_hint", "")[:200]
    return sign_in_page(desk, asked, client=valid.client.row.name, username=hint)


def sign_in_page(
    desk: Desk, asked: Asked | None, *, client: str, username: str, failed: bool = False
) -> Response:
    """The page that asks who is there."""
    return desk.page(
        "sign_in.html",
        400 if failed else 200,
        ticket=forms.ticket(desk, "sign-in", asked, client=client),
        client=client,
        username=username,
        failed=failed,
    )


def _consent(
    desk: Desk, asked: Asked, valid: Valid, *, scopes: list[str], current: Current
) -> Response:
    if "none" in asked.prompts:
        return _back(desk, asked, valid, _CONSENT)
    person: Person = current.person
    return desk.page(
        "consent.html",
        client=valid.client.row.name,
        organisation=valid.client.organisation.name,
        person=person.name,
        again=asked.address(prompt="login"),
        scopes=scopes,
        ticket=forms.ticket(desk, "consent", asked, sign_in=current.sha256, scopes=scopes),
    )
