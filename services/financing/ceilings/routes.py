"""Usury ceilings: what the law allows, when, to whom."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.db import Session
from chassis.fields import Day
from chassis.pages import List, Page
from services.financing.ceilings.repository import RateCeilings
from services.financing.ceilings.schemas import CeilingRead, read_of
from services.financing.lenders.models import LenderCategory
from services.financing.scopes import Reader

router = APIRouter(prefix="/v1", tags=["ceilings"])


@router.get("/rate-ceilings")
async def list_ceilings(
    session: Session,
    _: Reader,
    window: List,
    response: Response,
    lender_category: Annotated[LenderCategory | None, Query()] = None,
    on: Annotated[Day | None, Query(description="in force on this day")] = None,
) -> Page[CeilingRead]:
    """The usury ceilings with their dates, their sources and how far these can be trusted."""
    after = UUID(window.after[0]) if window.after else None
    rows = await RateCeilings(session).page(
        after=after, limit=window.limit, category=lender_category, on=on
    )
    return Page(**window.page([read_of(row) for row in rows], lambda row: [str(row.id)], response))
