"""The second factor on a person's account page: turn it on, renew its paper, turn it off."""

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from gateway.accounts import second_factor
from gateway.notices.models import NoticeKind
from gateway.signin import forms, proving, signins, strong, visits
from gateway.signin.telling import tell
from gateway.signin.visits import HOME, Visit

router = APIRouter(prefix=f"{HOME}/second-factor", include_in_schema=False)


@router.post("")
async def begin(request: Request) -> Response:
    """Show a secret to scan, to who knows the password and has no second factor yet."""
    visit = await visits.visit(request)
    if not isinstance(visit, Visit):
        return visit
    proof = None if visit.person.has_second_factor else await visit.proof()
    if proof is None:
        return await visits.page(visit.desk, visit.current, fault="password_wrong")
    async with request.app.state.database.transaction() as session:
        await proving.confirm(session, proof)
        secret = await second_factor.begin(session, visit.person.id, request.app.state.vault)
    return _enrolment(visit, secret)


def _enrolment(visit: Visit, secret: str, *, failed: bool = False) -> Response:
    return strong.enrolment(
        visit.desk,
        visit.person,
        secret,
        action=f"{HOME}/second-factor/enrolment",
        # only who knew the password, or had a code, holds such a ticket
        ticket=forms.ticket(
            visit.desk,
            "telephone",
            None,
            sign_in=visit.current.sha256,
            secret=strong.mark(visit.desk, secret),
        ),
        failed=failed,
    )


@router.post("/enrolment")
async def enrol(request: Request) -> Response:
    """The first code of the telephone turns it on; an earlier telephone counts no more."""
    visit = await visits.visit(request, "telephone")
    if not isinstance(visit, Visit):
        return visit
    vault, person = request.app.state.vault, visit.person
    async with request.app.state.database.transaction() as session:
        secret = await second_factor.pending(session, person.id, vault)
        if secret is None or not strong.was_shown(visit.form, secret):
            return visit.desk.page("message.html", 403, key="stale", details="")
        fresh = await second_factor.enrol(session, person.id, _code(visit), vault)
        if fresh is None:
            return _enrolment(visit, secret, failed=True)
        await signins.strengthen(session, visit.current)
        await tell(session, request.app.state, person.id, NoticeKind.SECOND_FACTOR_ON)
    return _paper(visit, fresh)


def _code(visit: Visit) -> str:
    return visit.form.fields.get("code", "")[:40]


def _paper(visit: Visit, fresh: list[str]) -> Response:
    return visit.desk.page(
        "recovery.html", codes=fresh, ticket=forms.ticket(visit.desk, "on", None)
    )


async def _is_proved(visit: Visit, session: AsyncSession) -> bool:
    vault = visit.desk.request.app.state.vault
    return await second_factor.use(session, visit.person.id, _code(visit), vault)


@router.post("/paper")
async def renew(request: Request) -> Response:
    """Eight new codes for paper, for who shows a code; the old ones are void."""
    return await _with_code(request, "RECOVERY_CODES_RENEWED")


@router.post("/replacement")
async def replace(request: Request) -> Response:
    """Another telephone, for who shows a code of the old one or one on paper."""
    return await _with_code(request, "SECOND_FACTOR_REPLACED")


@router.post("/off")
async def turn_off(request: Request) -> Response:
    """Do without it, where the role allows that."""
    return await _with_code(request, "SECOND_FACTOR_OFF")


async def _with_code(request: Request, act: str) -> Response:
    visit = await visits.visit(request)
    if not isinstance(visit, Visit):
        return visit
    state, person = request.app.state, visit.person
    if act == "SECOND_FACTOR_OFF" and person.must_have_second_factor(state.mint.strong_roles):
        return await visits.page(visit.desk, visit.current, fault="must_have")
    async with state.database.transaction() as session:
        is_open = await visit.may_try(session)
    async with state.database.transaction() as session:
        if not (is_open and await _is_proved(visit, session)):
            return await visits.page(visit.desk, visit.current, fault="wrong_code")
        if act == "SECOND_FACTOR_REPLACED":  # noted once the new one has shown a code
            return _enrolment(visit, await second_factor.begin(session, person.id, state.vault))
        await tell(session, state, person.id, NoticeKind(act))
        if act == "RECOVERY_CODES_RENEWED":
            return _paper(visit, await second_factor.renew_recovery(session, person.id))
        await second_factor.turn_off(session, person.id)
    return await visits.page(visit.desk, visit.current, done="second_factor_off")
