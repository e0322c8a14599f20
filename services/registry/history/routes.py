"""The history of a cooperative: who held office, what was filed, what each filing changed."""

from itertools import islice
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis import clock
from chassis.auth import Visitor
from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from services.registry.history import reports, repository
from services.registry.history.schemas import ChangeRead, OfficerRead, RevisionRead
from services.registry.moments import AsOf, KnownAt

router = APIRouter(prefix="/v1", tags=["cooperatives"])
_PUBLIC = "public, max-age=60, stale-while-revalidate=300"


async def _known(session: Session, _: Visitor, id: PathId) -> UUID:
    await repository.demand(session, id)
    return id


Known = Annotated[UUID, Depends(_known)]


@router.get("/cooperatives/{id}/officers", responses=problems(NotFound))
async def list_officers(
    session: Session,
    id: Known,
    window: List,
    response: Response,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Page[OfficerRead]:
    """Who holds which mandate, now or as it was."""
    after = UUID(window.after[0]) if window.after else None
    rows = await repository.officers_at(
        session, id, as_of or clock.today(), known_at, after=after, limit=window.limit
    )
    response.headers["Cache-Control"] = _PUBLIC
    page = window.page(rows, lambda row: [str(row[0].mandate_id)], response)
    items = [
        OfficerRead(**row[0].model_dump(), family_name=row[1], given_names=row[2])
        for row in page["items"]
    ]
    return Page(**{**page, "items": items})


@router.get("/cooperatives/{id}/revisions", responses=problems(NotFound))
async def list_revisions(
    session: Session, id: Known, window: List, response: Response
) -> Page[RevisionRead]:
    """The approved filings that made the record what it is, in the order of their recording."""
    every = await repository.effects_of(session, id)
    after = int(window.after[0]) if window.after else 0
    rows = await repository.revisions(session, id, after, window.limit)
    response.headers["Cache-Control"] = _PUBLIC
    page = window.page(rows, lambda row: [str(row[0].revision)], response)
    items = [reports.revision(row[0], row[1], every) for row in page["items"]]
    return Page(**{**page, "items": items})


@router.get("/cooperatives/{id}/changes", responses=problems(NotFound))
async def list_changes(
    session: Session, id: Known, window: List, response: Response
) -> Page[ChangeRead]:
    """Each field that a filing made different: old, new, since when, and the filing. Members are
    counted, not named."""
    every = await repository.effects_of(session, id)
    names = await repository.holders(session, every)
    after = (int(window.after[0]), window.after[1:]) if window.after else (0, [])
    found = reports.changes(id, every, names, first=after[0])
    later = (one for one in found if (one.revision, _place(one)) > after)
    rows = list(islice(later, window.limit + 1))
    response.headers["Cache-Control"] = _PUBLIC
    page = window.page(rows, lambda row: [str(row.revision), *_place(row)], response)
    return Page(**page)


def _place(one: ChangeRead) -> list[str]:
    return [one.field, one.since.isoformat()]
