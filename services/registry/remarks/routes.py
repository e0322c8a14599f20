"""What changed since a file was sent back."""

from fastapi import APIRouter, Response

from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.tools import Sealing
from services.registry.filings.routes import FilingInView
from services.registry.remarks import service
from services.registry.remarks.schemas import DifferencesRead
from services.registry.scopes import Reader

router = APIRouter(prefix="/v1", tags=["filings"])


@router.get("/filings/{id}/changes-since-review", responses=problems(NotFound))
async def read_changes_since_review(
    session: Session, _: Reader, filing: FilingInView, vault: Sealing, response: Response
) -> DifferencesRead:
    """Where an open file differs from what was last sent back, and what was said to each remark:
    places only, no values."""
    response.headers["Cache-Control"] = "private, no-store"
    return await service.changes(session, filing, vault)
