"""The calendar behind every due date."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis import clock
from chassis.auth import Visitor
from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from services.registry.scopes import Registrar
from services.registry.working_days import service
from services.registry.working_days.errors import NationalTerritoryRequired
from services.registry.working_days.repository import Holidays
from services.registry.working_days.schemas import HolidayRead, HolidayWrite

router = APIRouter(prefix="/v1", tags=["working days"])


@router.get("/holidays")
async def list_holidays(
    session: Session,
    _: Visitor,
    window: List,
    response: Response,
    year: Annotated[int | None, Query(ge=2020, le=2100, description="default: this one")] = None,
) -> Page[HolidayRead]:
    """The days that working days leave out, beside Saturdays and Sundays: fixed feasts as the law
    lists them, movable ones as they were announced."""
    asked = year or clock.today().year
    span = (date(asked, 1, 1), date(asked, 12, 31))
    after = date.fromisoformat(window.after[0]) if window.after else None
    rows = await Holidays(session).listed(*span, after, window.limit)
    response.headers["Cache-Control"] = "public, max-age=60, stale-while-revalidate=300"
    page = window.page(rows, lambda row: [row.on.isoformat()], response)
    return Page(**{**page, "items": [service.shown(row) for row in page["items"]]})


@router.post(
    "/holidays",
    status_code=201,
    response_model=HolidayRead,
    responses=problems(NationalTerritoryRequired, ValidationFailed),
)
async def announce_holiday(
    session: Session,
    by: Registrar,
    act: Act,
    said: Annotated[HolidayWrite, Json(HolidayWrite)],
) -> Response:
    """Enter a day that was announced, or take it back (`is_observed` false); due dates follow.
    For who is responsible for the whole country."""
    holiday = await service.announce(session, said, by=by)
    return await act.answer(201, service.shown(holiday), headers={"Location": "/v1/holidays"})
