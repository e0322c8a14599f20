"""Reviews of filings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.tools import Sealing, Sentences
from chassis.versions import IfMatchIfSent, etag
from services.registry.filings.errors import FourEyes
from services.registry.filings.routes import FilingAtWork, FilingInView
from services.registry.reviews import service
from services.registry.reviews.repository import Reviews
from services.registry.reviews.schemas import ReviewMade, ReviewRead, ReviewWrite
from services.registry.scopes import Instructor, Reader

router = APIRouter(prefix="/v1", tags=["filings"])


@router.post(
    "/filings/{id}/reviews",
    status_code=201,
    response_model=ReviewMade,
    responses=problems(NotFound, IllegalTransition, FourEyes, PreconditionFailed, ValidationFailed),
)
async def review_filing(
    session: Session,
    by: Instructor,
    filing: FilingAtWork,
    act: Act,
    said: Annotated[ReviewWrite, Json(ReviewWrite)],
    version: IfMatchIfSent,
    catalogue: Sentences,
) -> Response:
    """Find a submitted filing complete, or send it back with what to change."""
    changed, made = await service.review(
        session, filing.id, said, version=version, by=by, known_codes=set(catalogue.entries)
    )
    read = ReviewMade(
        id=made.id,
        filing_id=changed.id,
        outcome=made.outcome,
        status=changed.status,
        version=changed.version,
    )
    headers = {"Location": f"/v1/filings/{changed.id}", "ETag": etag(changed.version)}
    return await act.answer(201, read, headers=headers)


@router.get("/filings/{id}/reviews", responses=problems(NotFound))
async def list_reviews(
    session: Session,
    _: Reader,
    filing: FilingInView,
    window: List,
    vault: Sealing,
    response: Response,
) -> Page[ReviewRead]:
    """What was found each time, oldest first: what to change, where, and what was answered."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Reviews(session).of_filing(filing.id, after, window.limit)
    response.headers["Cache-Control"] = "private, no-store"
    page = window.page(rows, lambda row: [str(row.id)], response)
    return Page(**{**page, "items": await service.told(session, page["items"], vault)})
