"""The audit trail: read by administrators of the platform."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.db import Session
from chassis.pages import List, Page
from gateway.audit.repository import AuditEntries
from gateway.audit.schemas import AuditEntryRead, AuditFilter
from gateway.plane.callers import Admin

router = APIRouter(prefix="/v1", tags=["audit"])
_Id = Annotated[str | None, Query(max_length=120)]


@router.get("/audit-entries")
async def list_audit_entries(
    session: Session,
    _: Admin,
    window: List,
    response: Response,
    target_id: _Id = None,
    organisation_id: _Id = None,
    by_sub: _Id = None,
) -> Page[AuditEntryRead]:
    """Every act of administration, newest first: who did what to whom, and when."""
    response.headers["Cache-Control"] = "no-store"
    wanted = AuditFilter(target_id=target_id, organisation_id=organisation_id, by_sub=by_sub)
    after = UUID(window.after[0]) if window.after else None
    rows = await AuditEntries(session).page(wanted, after=after, limit=window.limit)
    reads = [AuditEntryRead.model_validate(row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))
