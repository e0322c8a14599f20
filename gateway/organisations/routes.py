"""Organisations: ministry units, cooperatives, initiatives, lenders, developers."""

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
from chassis.versions import IfMatchIfSent, IfMatchInTurn, etag
from gateway.accounts.models import Organisation, OrganisationKind, OrganisationStatus
from gateway.administrators import LastAdministrator
from gateway.keysets import key, place
from gateway.organisations import service
from gateway.organisations.repository import Organisations
from gateway.organisations.schemas import (
    ActWrite,
    OrganisationFilter,
    OrganisationPatch,
    OrganisationRead,
    OrganisationWrite,
)
from gateway.organisations.states import LIFE, OrganisationAction
from gateway.plane.callers import ADMIN, Admin, Known

router = APIRouter(prefix="/v1", tags=["organisations"])
_ACT: dict[str, Any] = {
    "status_code": 201,
    "response_model": OrganisationRead,
    "responses": problems(NotFound, IllegalTransition, PreconditionFailed, LastAdministrator),
}
Do = Callable[[OrganisationAction], Awaitable[Response]]


async def _existing(session: Session, _: Admin, id: PathName) -> Organisation:
    return await Organisations(session).get(id)


Existing = Annotated[Organisation, Depends(_existing)]


def _read(organisation: Organisation) -> OrganisationRead:
    allowed = [action.value for action in LIFE.allowed(organisation.status)]
    return OrganisationRead(**organisation.model_dump(), allowed_actions=allowed)


async def _done(act: Once, organisation: Organisation) -> Response:
    headers = {
        "Location": f"/v1/organisations/{organisation.id}",
        "ETag": etag(organisation.version),
    }
    return await act.answer(201, _read(organisation), headers=headers)


async def _doing(
    session: Session,
    by: Admin,
    organisation: Existing,
    act: Act,
    said: Annotated[ActWrite, Json(ActWrite)],
    version: IfMatchIfSent,
) -> Do:
    async def do(action: OrganisationAction) -> Response:
        done = await service.act(session, organisation.id, action, said, version=version, by=by)
        return await _done(act, done)

    return do


Doing = Annotated[Do, Depends(_doing)]


@router.post(
    "/organisations",
    status_code=201,
    response_model=OrganisationRead,
    responses=problems(ValidationFailed),
)
async def create_organisation(
    session: Session,
    by: Admin,
    act: Act,
    wish: Annotated[OrganisationWrite, Json(OrganisationWrite)],
) -> Response:
    """Enter an organisation; its first person is invited by `POST /v1/users`."""
    return await _done(act, await service.create(session, wish, by=by))


@router.get("/organisations")
async def list_organisations(
    session: Session,
    caller: Known,
    window: List,
    response: Response,
    kind: Annotated[OrganisationKind | None, Query()] = None,
    status: Annotated[OrganisationStatus | None, Query()] = None,
) -> Page[OrganisationRead]:
    """Your organisation; all of them for administrators of the platform."""
    own = None if caller.has(ADMIN) else caller.organisation_id
    wanted = OrganisationFilter(id=own, kind=kind, status=status)
    after, limit = place(window.after), window.limit
    rows = await Organisations(session).page(wanted, after=after, limit=limit)
    page = window.page(rows, key, response)
    return Page(**{**page, "items": [_read(row) for row in page["items"]]})


@router.get("/organisations/{id}", responses=problems(NotFound))
async def read_organisation(
    session: Session, caller: Known, id: PathName, response: Response
) -> OrganisationRead:
    """One organisation: your own, or any for administrators of the platform."""
    organisation = service.in_view(await Organisations(session).get(id), caller)
    response.headers["ETag"] = etag(organisation.version)
    return _read(organisation)


@router.patch(
    "/organisations/{id}",
    responses=problems(NotFound, ValidationFailed, PreconditionFailed, IllegalTransition),
)
async def edit_organisation(
    session: Session,
    by: Admin,
    organisation: Existing,
    patch: Annotated[dict[str, Any], Patch(OrganisationPatch)],
    version: IfMatchInTurn,
    response: Response,
) -> OrganisationRead:
    """Change its name: JSON merge patch (RFC 7396)."""
    changed = await service.edit(session, organisation.id, patch, version=version, by=by)
    response.headers["ETag"] = etag(changed.version)
    return _read(changed)


@router.post("/organisations/{id}/suspensions", **_ACT)
async def suspend_organisation(doing: Doing) -> Response:
    """Shut an organisation out: its persons and machines lose every token at once."""
    return await doing(OrganisationAction.SUSPEND)


@router.post("/organisations/{id}/reactivations", **_ACT)
async def reactivate_organisation(doing: Doing) -> Response:
    """Let a suspended organisation in again."""
    return await doing(OrganisationAction.REACTIVATE)


@router.post("/organisations/{id}/closures", **_ACT)
async def close_organisation(doing: Doing) -> Response:
    """Close an organisation for ever; what it did stays."""
    return await doing(OrganisationAction.CLOSE)
