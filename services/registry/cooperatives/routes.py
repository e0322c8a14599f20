"""The public register, and the members behind it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis import clock
from chassis.auth import Visitor
from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.plain import PlainRoute
from chassis.ready import Ready, ReadyRoute
from chassis.ready_lists import ReadyList
from chassis.tools import HotReads, Sealing
from chassis.versions import UNCHANGED, IfNoneMatch, is_known
from services.registry.accesses import dossiers
from services.registry.cooperatives import repository
from services.registry.cooperatives.repository import Members
from services.registry.cooperatives.schemas import (
    CooperativeRead,
    CooperativeSummary,
    MemberRead,
)
from services.registry.cooperatives.states import Life
from services.registry.fields import LegalForm
from services.registry.moments import AsOf, KnownAt, validator
from services.registry.purposes import Purpose
from services.registry.scopes import MemberReader

router = APIRouter(prefix="/v1", tags=["cooperatives"], route_class=PlainRoute)
_PUBLIC = "public, max-age=60, stale-while-revalidate=300"
READY: list[Ready] = [
    ReadyRoute("/v1/cooperatives/", repository.ready, _PUBLIC),
    ReadyList("/v1/cooperatives", repository.ready_pages, _PUBLIC),
]


@router.get("/cooperatives", response_model=Page[CooperativeSummary])
async def list_cooperatives(
    reads: HotReads,
    _: Visitor,
    window: List,
    q: Annotated[str | None, Query(min_length=2, max_length=100)] = None,
    place: Annotated[str | None, Query(max_length=20, description="division code")] = None,
    legal_form: Annotated[LegalForm | None, Query()] = None,
    life: Annotated[Life | None, Query()] = None,
    sector: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Search the public register: by name (accents and endings do not matter), place, activity."""
    after = UUID(window.after[0]) if window.after else None
    filters = {"place": place, "legal_form": legal_form, "life": life, "sector": sector}
    rows = await repository.found(reads, q, {**filters, "after": after}, limit=window.limit)
    return window.rows(rows, lambda row: [str(row["id"])], _PUBLIC)


@router.get(
    "/cooperatives/{id}",
    response_model=CooperativeRead,
    responses={304: UNCHANGED, **problems(NotFound)},
)
async def read_cooperative(
    reads: HotReads,
    _: Visitor,
    id: PathId,
    response: Response,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    if_none_match: IfNoneMatch = None,
) -> CooperativeRead | Response:
    """What the register says about a cooperative, now or as it was."""
    day = as_of or clock.today()
    row = await repository.as_it_was(reads, id, day, known_at)
    if row is None:
        raise NotFound()
    tag = validator(row["revision"], as_of, known_at)
    said = {"ETag": tag, "Cache-Control": _PUBLIC}
    if is_known(if_none_match, tag):
        return Response(status_code=304, headers=said)
    response.headers.update(said)
    moment = {"as_of": day, "known_at": row["known_at"], "revision": row["revision"]}
    return CooperativeRead(**row["public"], **moment)


@router.get("/cooperatives/{id}/members", responses=problems(NotFound))
async def list_members(
    session: Session,
    caller: MemberReader,
    id: PathId,
    window: List,
    purpose: Purpose,
    vault: Sealing,
    response: Response,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Page[MemberRead]:
    """The members now or as they were, for the cooperative itself, clients that it granted this
    scope, and the agents of its territory; whole for agents who say why. Every reading is recorded
    for the persons."""
    members = Members(session)
    cooperative = await members.open_to(id, caller)
    after = UUID(window.after[0]) if window.after else None
    day = as_of or clock.today()
    rows = await members.at(id, day, known_at, after=after, limit=window.limit)
    response.headers["Cache-Control"] = "private, no-store"
    page = window.page(rows, lambda row: [str(row[0].id)], response)
    items = await dossiers.members_for(
        session, cooperative, page["items"], caller, purpose=purpose, vault=vault
    )
    return Page(**{**page, "items": items})
