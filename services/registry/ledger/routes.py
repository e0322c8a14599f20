"""The arrival register, for agents."""

from fastapi import APIRouter, Response

from chassis.db import Session
from chassis.pages import List, Page
from services.registry.ledger.repository import Ledger
from services.registry.ledger.schemas import LedgerEntryRead
from services.registry.scopes import Agent

router = APIRouter(prefix="/v1", tags=["ledger"])


@router.get("/ledger")
async def list_ledger(
    session: Session, by: Agent, window: List, response: Response
) -> Page[LedgerEntryRead]:
    """The lines of the authorities in your territory, oldest first (AUSCOOP art. 71)."""
    rows = await Ledger(session).in_view(by, window.after, window.limit)
    page = window.page(rows, lambda row: [row.pos], response)
    items = [LedgerEntryRead.model_validate(row, from_attributes=True) for row in page["items"]]
    return Page(**{**page, "items": items})
