"""Lenders: who can be asked for money."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.db import Session
from chassis.pages import List, Page
from services.financing.lenders.models import LenderStatus
from services.financing.lenders.repository import Lenders
from services.financing.lenders.schemas import LenderRead
from services.financing.scopes import Reader

router = APIRouter(prefix="/v1", tags=["lenders"])


@router.get("/lenders")
async def list_lenders(
    session: Session,
    _: Reader,
    window: List,
    response: Response,
    status: Annotated[LenderStatus | None, Query()] = None,
) -> Page[LenderRead]:
    """Banks, microfinance institutions and public funds that the platform knows."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Lenders(session).page(after=after, limit=window.limit, status=status)
    reads = [LenderRead.model_validate(row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))
