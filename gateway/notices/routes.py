"""Letters to persons: whether they went out, for administrators of the platform."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.db import Session
from chassis.pages import List, Page
from gateway.notices.models import NoticeStatus
from gateway.notices.repository import Notices
from gateway.notices.schemas import NoticeFilter, NoticeRead
from gateway.plane.callers import Admin

router = APIRouter(prefix="/v1", tags=["notices"])


@router.get("/notices")
async def list_notices(
    session: Session,
    _: Admin,
    window: List,
    response: Response,
    account_id: Annotated[str | None, Query(max_length=80)] = None,
    status: Annotated[NoticeStatus | None, Query()] = None,
) -> Page[NoticeRead]:
    """The letters of the last three months, newest first: sent, waiting, or given up and why."""
    wanted = NoticeFilter(account_id=account_id, status=status)
    after = UUID(window.after[0]) if window.after else None
    rows = await Notices(session).page(wanted, after=after, limit=window.limit)
    reads = [NoticeRead.model_validate(row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))
