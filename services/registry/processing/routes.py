"""Processing statistics, open to everybody."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis.auth import Visitor
from chassis.db import Session
from chassis.errors import Finding, MalformedRequest
from chassis.fields import Day, between
from chassis.tools import HotReads
from services.registry.processing import service
from services.registry.processing.repository import Asked
from services.registry.processing.schemas import By, FilingStatistics

router = APIRouter(prefix="/v1", tags=["statistics"])
_Day = Annotated[Day, between(date(2000, 1, 1), date(2200, 1, 1))]


@router.get("/statistics/filings")
async def read_filing_statistics(
    reads: HotReads,
    session: Session,
    caller: Visitor,
    response: Response,
    place: Annotated[str | None, Query(max_length=20, description="division code")] = None,
    type: Annotated[str | None, Query(max_length=40, description="type of filing")] = None,
    since: Annotated[_Day | None, Query(description="first day of the period")] = None,
    until: Annotated[_Day | None, Query(description="last day of the period")] = None,
    by: Annotated[By | None, Query(description="what to tell apart")] = None,
) -> FilingStatistics:
    """How long filings take, how many come back, how many wait: median days from submission to
    decision with and without the days of the filer, return rate, backlog, overdue. Where fewer than
    five filings are behind a figure it is hidden, but from the agents of the place."""
    if since and until and until < since:
        raise MalformedRequest(findings=[Finding(code="PERIOD_REVERSED", parameter="until")])
    is_whole = await service.is_known_to(session, place, caller)
    open_to_all = "public, max-age=60, stale-while-revalidate=300"
    response.headers["Cache-Control"] = "private, no-store" if is_whole else open_to_all
    response.headers["Vary"] = "Authorization"
    return await service.statistics(reads, Asked(place, type, since, until), by, is_whole=is_whole)
