"""What happened to one's own organisation, for whoever follows it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.auth import Caller, requires
from chassis.db import Session
from chassis.errors import Finding, MalformedRequest
from chassis.fields import Id
from chassis.pages import List, Page
from gateway.feed.repository import BEGINNING, OrganisationEvents, Place
from gateway.feed.schemas import OrganisationEventRead

router = APIRouter(prefix="/v1", tags=["me"])
Follower = Annotated[Caller, Depends(requires("events:read"))]
_After = Annotated[Id | None, Query(description="the `id` of the last event that you have")]


async def _since(session: Session, by: Caller, after: UUID | None) -> Place:
    if after is None:
        return BEGINNING
    found = await OrganisationEvents(session).place(by.organisation_id, after)
    if found is None:
        raise MalformedRequest(findings=[Finding(code="CURSOR_INVALID", parameter="after")])
    return found


@router.get("/me/events")
async def list_own_events(
    session: Session, by: Follower, window: List, response: Response, after: _After = None
) -> Page[OrganisationEventRead]:
    """What became of your organisation's files and cooperatives, oldest first, for nobody else: a
    file came back or was rejected, an alert began or ended. Keep the `id` of the last event and ask
    with `after` for what came since; events are kept for 400 days."""
    place = (window.after[0], window.after[1]) if window.after else await _since(session, by, after)
    events = OrganisationEvents(session)
    rows = await events.page(by.organisation_id, after=place, limit=window.limit)
    page = window.page(rows, lambda row: [row.xid, row.pos], response)
    response.headers["Cache-Control"] = "private, no-store"
    items = [OrganisationEventRead(**_shown(row)) for row in page["items"]]
    return Page(**{**page, "items": items})


def _shown(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in OrganisationEventRead.model_fields.keys() & _KEPT}


_KEPT = {"id", "source", "type", "subject", "time", "data"}
