"""Access grants: what cooperatives let clients of others do on their own record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import (
    IllegalTransition,
    NotFound,
    NotYetKnown,
    PreconditionFailed,
    ValidationFailed,
)
from chassis.fields import Id
from chassis.idempotency import Act, Once
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import IfMatchIfSent, etag
from gateway.grants import service
from gateway.grants.errors import AlreadyGranted, ClientFull
from gateway.grants.repository import AccessGrants, Named
from gateway.grants.schemas import GrantFilter, GrantRead, GrantRevocationWrite, GrantWrite
from gateway.grants.states import LIFE
from gateway.plane.callers import ADMIN, Giver, GiverOrAdmin, Known

router = APIRouter(prefix="/v1", tags=["access grants"])


async def _in_view(session: Session, caller: Known, id: PathId) -> Named:
    return service.in_view(await AccessGrants(session).named(id), caller)


async def _own(session: Session, caller: GiverOrAdmin, id: PathId) -> Named:
    named = await AccessGrants(session).named(id)
    if named is None or not service.is_givers(named, caller):
        raise NotFound()
    return named


InView = Annotated[Named, Depends(_in_view)]
Own = Annotated[Named, Depends(_own)]


def _read(named: Named) -> GrantRead:
    status = service.status_of(named.grant)
    return GrantRead(
        **named.grant.model_dump(),
        cooperative_name=named.cooperative,
        client_name=named.client.name,
        status=status,
        allowed_actions=[action.value for action in LIFE.allowed(status)],
    )


async def _done(act: Once, named: Named) -> Response:
    headers = {
        "Location": f"/v1/access-grants/{named.grant.id}",
        "ETag": etag(named.grant.version),
    }
    return await act.answer(201, _read(named), headers=headers)


@router.post(
    "/access-grants",
    status_code=201,
    response_model=GrantRead,
    responses=problems(ValidationFailed, NotYetKnown, AlreadyGranted, ClientFull),
)
async def grant_access(
    session: Session,
    by: Giver,
    act: Act,
    wish: Annotated[GrantWrite, Json(GrantWrite)],
) -> Response:
    """Let a client act on your cooperative's own record, with named scopes, until a day.

    It never may more than its own token and yours allow; it does not see what is not this
    cooperative's.
    """
    return await _done(act, await service.give(session, wish, by=by))


@router.get("/access-grants")
async def list_access_grants(
    session: Session,
    caller: Known,
    window: List,
    response: Response,
    cooperative_id: Annotated[Id | None, Query()] = None,
    client_id: Annotated[str | None, Query(max_length=80)] = None,
) -> Page[GrantRead]:
    """The grants that your organisation gave, and those given to its clients."""
    after = UUID(window.after[0]) if window.after else None
    wanted = GrantFilter(cooperative_id=cooperative_id, client_id=client_id)
    seen_by = None if caller.has(ADMIN) else caller.organisation_id
    rows = await AccessGrants(session).page(wanted, seen_by, after=after, limit=window.limit)
    page = window.page(rows, lambda row: [str(row.grant.id)], response)
    return Page(**{**page, "items": [_read(row) for row in page["items"]]})


@router.get("/access-grants/{id}", responses=problems(NotFound))
async def read_access_grant(_: Known, named: InView, response: Response) -> GrantRead:
    """One grant: read by who gave it and by who owns the client."""
    response.headers["ETag"] = etag(named.grant.version)
    return _read(named)


@router.post(
    "/access-grants/{id}/revocations",
    status_code=201,
    response_model=GrantRead,
    responses=problems(NotFound, IllegalTransition, PreconditionFailed),
)
async def revoke_access(
    session: Session,
    by: GiverOrAdmin,
    named: Own,
    act: Act,
    _: Annotated[GrantRevocationWrite, Json(GrantRevocationWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Take a grant back: the client's very next request finds nothing more."""
    return await _done(act, await service.revoke(session, named, version=version, by=by))
