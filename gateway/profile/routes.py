"""A person's own account. Roles and territory are given by others."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import InsufficientScope, NotFound, PreconditionFailed, ValidationFailed
from chassis.openapi import problems
from chassis.tools import Sealing
from chassis.vault import Vault
from chassis.versions import IfMatch, etag
from gateway.accounts.models import Account
from gateway.plane.callers import Profiled
from gateway.profile import service
from gateway.profile.schemas import ProfilePatch, ProfileRead
from gateway.users import addresses
from gateway.users.repository import Users

router = APIRouter(prefix="/v1", tags=["me"])


def _read(account: Account, vault: Vault, response: Response) -> ProfileRead:
    response.headers["ETag"] = etag(account.version)
    response.headers["Cache-Control"] = "no-store"
    return ProfileRead(
        **account.model_dump(),
        email_hint=addresses.hint(account, vault),
        has_second_factor=account.totp_sealed is not None,
    )


@router.get("/me/profile", responses=problems(NotFound, InsufficientScope))
async def read_profile(
    session: Session, caller: Profiled, vault: Sealing, response: Response
) -> ProfileRead:
    """What the platform knows of you as a person; a machine has no profile.

    An application needs the scope `profile`, which the person allows.
    """
    return _read(await Users(session).get(caller.sub), vault, response)


@router.patch(
    "/me/profile",
    responses=problems(NotFound, ValidationFailed, PreconditionFailed, InsufficientScope),
)
async def edit_profile(
    session: Session,
    caller: Profiled,
    wish: Annotated[ProfilePatch, Json(ProfilePatch)],
    version: IfMatch,
    vault: Sealing,
    response: Response,
) -> ProfileRead:
    """Change your own name or language: JSON merge patch (RFC 7396).

    An application needs the scope `profile`, which the person allows.
    """
    changed = await service.edit(session, wish, version=version, by=caller)
    return _read(changed, vault, response)
