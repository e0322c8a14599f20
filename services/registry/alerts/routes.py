"""Computed alerts: of one cooperative for everybody, of a territory for its agents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis import clock
from chassis.auth import Visitor
from chassis.catalogue import Catalogue, Language
from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.tools import Sentences, Spoken
from services.registry.alerts import repository, service
from services.registry.alerts.rules import Reading, activity, readings
from services.registry.alerts.schemas import AlertRead, AlertsRead, StandingAlert
from services.registry.alerts.states import Activity, AlertCode, AlertStatus
from services.registry.moments import AsOf, KnownAt
from services.registry.scopes import Agent

router = APIRouter(prefix="/v1", tags=["cooperatives"])


@router.get("/cooperatives/{id}/alerts", responses=problems(NotFound))
async def read_alerts(
    session: Session,
    caller: Visitor,
    id: PathId,
    catalogue: Sentences,
    language: Spoken,
    response: Response,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> AlertsRead:
    """The ten alerts (A1-A10), now or as they would have been: what they rest on, since when, and
    what to do. Those that follow from published facts are public; those that follow from accounts
    and from files are for the cooperative and the agents of its territory. An alert is a sign for
    people to look: nothing is dissolved or changed by it."""
    day = as_of or clock.today()
    seen = await service.look(session, id, day, known_at)
    if seen is None:
        raise NotFound()
    is_whole = await repository.sees_all(session, id, caller)
    found = [one for one in readings(seen.standing, seen.law) if is_whole or one.is_public]
    response.headers.update({"Cache-Control": "private, no-cache", "Content-Language": language})
    return AlertsRead(
        cooperative_id=id,
        activity=activity(found, seen.law),
        basis="ALL" if is_whole else "PUBLIC",
        not_stated=[one.code for one in found if one.told.status == AlertStatus.NOT_STATED],
        alerts=[_shown(one, catalogue, language) for one in found],
        as_of=day,
        known_at=known_at or clock.now(),
        revision=seen.revision,
    )


def _shown(one: Reading, catalogue: Catalogue, language: Language) -> AlertRead:
    entry = catalogue.entries[one.reason]
    is_raised = one.told.status == AlertStatus.RAISED
    message = catalogue.sentence(one.reason, language, one.told.params) if is_raised else ""
    return AlertRead(
        code=one.code,
        status=one.told.status,
        reason=one.reason,
        message=message or entry.title[language],
        remedy=entry.remedy[language],
        since=one.told.since,
        params=dict(one.told.params),
        law_ref=one.norm.law_ref if one.norm else None,
        confidence=one.norm.confidence if one.norm else None,
        is_public=one.is_public,
    )


@router.get("/alerts")
async def list_alerts(
    session: Session,
    caller: Agent,
    window: List,
    response: Response,
    code: Annotated[AlertCode | None, Query()] = None,
    activity: Annotated[Activity | None, Query()] = None,
) -> Page[StandingAlert]:
    """The alerts that stand in your territory, as they were last computed (within the day)."""
    after = UUID(window.after[0]) if window.after else None
    rows = await repository.in_territory(
        session, caller, code=code, activity=activity, after=after, limit=window.limit
    )
    response.headers["Cache-Control"] = "private, no-store"
    page = window.page(rows, lambda row: [str(row[0].id)], response)
    items = [
        StandingAlert(
            **alert.model_dump(),
            **cooperative.model_dump(include={"registration_number", "name", "commune_code"}),
            activity=axis,
        )
        for alert, cooperative, axis in page["items"]
    ]
    return Page(**{**page, "items": items})
