"""What a cooperative owes, and the calendar of it."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Response

from chassis import clock
from chassis.auth import Visitor
from chassis.catalogue import Catalogue, Language
from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.parameters import PathId
from chassis.tools import PublicBase, Sentences, Spoken
from services.registry.alerts import service as alerts
from services.registry.alerts.repository import sees_all
from services.registry.moments import AsOf
from services.registry.obligations.calendar import calendar
from services.registry.obligations.repository import drafts_of
from services.registry.obligations.rules import Obligation, obligations
from services.registry.obligations.schemas import ObligationRead, ObligationsRead
from services.registry.obligations.states import ObligationStatus

router = APIRouter(prefix="/v1", tags=["cooperatives"])
ICAL = "text/calendar"


@router.get("/cooperatives/{id}/obligations", responses=problems(NotFound))
async def list_obligations(
    session: Session,
    caller: Visitor,
    id: PathId,
    catalogue: Sentences,
    language: Spoken,
    response: Response,
    as_of: AsOf = None,
) -> ObligationsRead:
    """What is due, until when, and which filing fulfils it; on a later day too (`as_of`). What
    follows from accounts and drafts is for the cooperative and the agents of its territory."""
    day = as_of or clock.today()
    seen = await alerts.look(session, id, day)
    if seen is None:
        raise NotFound()
    is_whole = await sees_all(session, id, caller)
    drafts = await drafts_of(session, id) if is_whole else []
    found = obligations(seen.standing, seen.law, drafts)
    response.headers.update({"Cache-Control": "private, no-cache", "Content-Language": language})
    return ObligationsRead(
        cooperative_id=id,
        basis="ALL" if is_whole else "PUBLIC",
        items=[_shown(o, day, catalogue, language) for o in found if is_whole or o.is_public],
        as_of=day,
        revision=seen.revision,
    )


@router.get(
    "/cooperatives/{id}/obligations.ics",
    response_class=Response,
    responses={
        200: {"content": {ICAL: {"schema": {"type": "string"}}}, "description": "The calendar"},
        **problems(NotFound),
    },
)
async def subscribe_to_obligations(
    session: Session,
    _: Visitor,
    id: PathId,
    catalogue: Sentences,
    language: Spoken,
    base: PublicBase,
) -> Response:
    """The same as a calendar (iCalendar, RFC 5545): a telephone subscribes to this address. It
    shows what follows from published facts, and nobody's name."""
    seen = await alerts.look(session, id, clock.today())
    if seen is None:
        raise NotFound()
    found = obligations(seen.standing, seen.law)
    items = [_shown(one, clock.today(), catalogue, language) for one in found]
    name, url = _named(seen, id, base)
    content = calendar(name, items, id=str(id), url=url, at=clock.now())
    said = {"Cache-Control": "public, max-age=3600", "Content-Language": language}
    said |= {"Vary": "Accept-Language", "Content-Disposition": 'inline; filename="obligations.ics"'}
    return Response(content, media_type=f"{ICAL}; charset=utf-8", headers=said)


def _named(seen: alerts.Seen, id: UUID, base: str) -> tuple[str, str]:
    return str(seen.standing.state.fields["name"]), f"{base}/cooperatives/{id}/obligations"


def _shown(
    one: Obligation, today: date, catalogue: Catalogue, language: Language
) -> ObligationRead:
    entry = catalogue.entries[f"OBLIGATION_{one.kind.value}"]
    is_late = one.status == ObligationStatus.OVERDUE and one.due_on is not None
    return ObligationRead(
        kind=one.kind,
        subject=one.subject,
        title=entry.title[language],
        remedy=entry.remedy[language],
        status=one.status,
        due_on=one.due_on,
        overdue_days=(today - one.due_on).days if is_late and one.due_on else 0,
        filing_type=one.filing_type,
        filing_id=one.filing_id,
        law_ref=one.norm.law_ref if one.norm else None,
        confidence=one.norm.confidence if one.norm else "U" if one.is_proposal else None,
        is_proposal=one.is_proposal,
        is_public=one.is_public,
    )
