"""Users: the persons who act for an organisation."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act, Once
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathName
from chassis.patches import Patch
from chassis.tools import Sealing
from chassis.vault import Vault
from chassis.versions import IfMatchIfSent, IfMatchInTurn, etag
from gateway.accounts.models import Account, AccountStatus
from gateway.administrators import LastAdministrator
from gateway.keysets import key, place
from gateway.organisations.errors import OrganisationNotActive
from gateway.plane.callers import Steward
from gateway.users import acts, addresses, service, succession
from gateway.users.errors import (
    AddressTaken,
    AlreadyReplaced,
    BeyondYourRights,
    OwnRights,
    UsernameTaken,
)
from gateway.users.repository import Users
from gateway.users.schemas import (
    ActWrite,
    ReplacementWrite,
    UserFilter,
    UserPatch,
    UserRead,
    UserSummary,
    UserWrite,
)
from gateway.users.states import LIFE, OF_THE_PERSON, UserAction

router = APIRouter(prefix="/v1", tags=["users"])
_TAKEN = (UsernameTaken, AddressTaken, OrganisationNotActive)
_ACT: dict[str, Any] = {
    "status_code": 201,
    "response_model": UserRead,
    "responses": problems(
        NotFound, IllegalTransition, PreconditionFailed, LastAdministrator, BeyondYourRights
    ),
}
Do = Callable[[UserAction], Awaitable[Response]]


async def _in_view(session: Session, caller: Steward, id: PathName) -> Account:
    return service.in_view(await Users(session).get(id), caller)


InView = Annotated[Account, Depends(_in_view)]


def _read(account: Account, vault: Vault) -> UserRead:
    allowed = [action.value for action in LIFE.allowed(account.status)]
    return UserRead(
        **account.model_dump(),
        email=addresses.reveal(account, vault),
        has_second_factor=account.totp_sealed is not None,
        allowed_actions=[action for action in allowed if action not in OF_THE_PERSON],
    )


async def _done(act: Once, account: Account, vault: Vault) -> Response:
    headers = {"Location": f"/v1/users/{account.id}", "ETag": etag(account.version)}
    return await act.answer(201, _read(account, vault), headers=headers, vault=vault)


async def _doing(
    session: Session,
    by: Steward,
    account: InView,
    act: Act,
    said: Annotated[ActWrite, Json(ActWrite)],
    version: IfMatchIfSent,
    vault: Sealing,
) -> Do:
    async def do(action: UserAction) -> Response:
        done = await acts.act(
            session, account.id, action, said, version=version, by=by, vault=vault
        )
        return await _done(act, done, vault)

    return do


Doing = Annotated[Do, Depends(_doing)]


@router.post(
    "/users",
    status_code=201,
    response_model=UserRead,
    responses=problems(ValidationFailed, *_TAKEN),
)
async def invite_user(
    session: Session,
    by: Steward,
    act: Act,
    wish: Annotated[UserWrite, Json(UserWrite)],
    vault: Sealing,
) -> Response:
    """Invite a person: they receive a code by mail and choose their own password."""
    return await _done(act, await service.invite(session, wish, by=by, vault=vault), vault)


@router.get("/users")
async def list_users(
    session: Session,
    caller: Steward,
    window: List,
    response: Response,
    organisation_id: Annotated[str | None, Query(max_length=80)] = None,
    status: Annotated[AccountStatus | None, Query()] = None,
    username: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[UserSummary]:
    """The persons of your organisation; of all for administrators of the platform."""
    response.headers["Cache-Control"] = "no-store"
    wanted = UserFilter(organisation_id=organisation_id, status=status, username=username)
    after, limit = place(window.after), window.limit
    rows = await Users(session).page(service.narrowed(wanted, caller), after=after, limit=limit)
    page = window.page(rows, key, response)
    return Page(**{**page, "items": [UserSummary(**row.model_dump()) for row in page["items"]]})


@router.get("/users/{id}", responses=problems(NotFound))
async def read_user(_: Steward, account: InView, vault: Sealing, response: Response) -> UserRead:
    """One person."""
    response.headers["ETag"] = etag(account.version)
    response.headers["Cache-Control"] = "no-store"
    return _read(account, vault)


@router.patch(
    "/users/{id}",
    responses=problems(
        NotFound,
        ValidationFailed,
        PreconditionFailed,
        IllegalTransition,
        LastAdministrator,
        AddressTaken,
        BeyondYourRights,
        OwnRights,
    ),
)
async def edit_user(
    session: Session,
    by: Steward,
    account: InView,
    patch: Annotated[dict[str, Any], Patch(UserPatch)],
    version: IfMatchInTurn,
    vault: Sealing,
    response: Response,
) -> UserRead:
    """Change name, address, language, roles or territory: JSON merge patch (RFC 7396)."""
    changed = await service.edit(session, account.id, patch, version=version, by=by, vault=vault)
    response.headers["ETag"] = etag(changed.version)
    response.headers["Cache-Control"] = "no-store"
    return _read(changed, vault)


@router.post("/users/{id}/invitations", **_ACT)
async def reinvite_user(doing: Doing) -> Response:
    """Send a new invitation; the code of the earlier one is void."""
    return await doing(UserAction.REINVITE)


@router.post("/users/{id}/suspensions", **_ACT)
async def suspend_user(doing: Doing) -> Response:
    """Shut a person out: every session and token of theirs ends at once."""
    return await doing(UserAction.SUSPEND)


@router.post("/users/{id}/reactivations", **_ACT)
async def reactivate_user(doing: Doing) -> Response:
    """Let a suspended person in again; they sign in anew."""
    return await doing(UserAction.REACTIVATE)


@router.post("/users/{id}/password-resets", **_ACT)
async def reset_password(doing: Doing) -> Response:
    """Send a code with which the person chooses a new password; nobody else learns it."""
    return await doing(UserAction.RESET_PASSWORD)


@router.post("/users/{id}/second-factor-resets", **_ACT)
async def reset_second_factor(doing: Doing) -> Response:
    """Forget a lost second factor: the person signs in anew and sets up another one."""
    return await doing(UserAction.RESET_SECOND_FACTOR)


@router.post("/users/{id}/departures", **_ACT)
async def let_user_go(doing: Doing) -> Response:
    """The person has left, for ever; what they did keeps their name."""
    return await doing(UserAction.LEAVE)


@router.post(
    "/users/{id}/replacements",
    status_code=201,
    response_model=UserRead,
    responses=problems(
        NotFound,
        ValidationFailed,
        PreconditionFailed,
        IllegalTransition,
        AlreadyReplaced,
        BeyondYourRights,
        OwnRights,
        *_TAKEN,
    ),
)
async def replace_user(
    session: Session,
    by: Steward,
    account: InView,
    act: Act,
    wish: Annotated[ReplacementWrite, Json(ReplacementWrite)],
    version: IfMatchIfSent,
    vault: Sealing,
) -> Response:
    """Let a colleague, or somebody who is invited, take over from a person who has left."""
    successor = await succession.replace(
        session, account, wish, version=version, by=by, vault=vault
    )
    return await _done(act, successor, vault)
