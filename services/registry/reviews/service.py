"""A filing is examined by somebody who had no hand in it."""

from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.versions import expect
from services.registry.desk import records as desk
from services.registry.filings.errors import FourEyes
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.filings.states import LIFE, FilingAction
from services.registry.reviews.models import Review
from services.registry.reviews.repository import Reviews
from services.registry.reviews.schemas import ReviewOutcome, ReviewWrite


async def review(
    session: AsyncSession, id: UUID, said: ReviewWrite, *, version: int | None, by: Caller
) -> tuple[Filing, Review]:
    """An instructor examines: complete, or sent back with what to change."""
    filing = await Filings(session).lock(id)
    expect(version, filing.version)
    is_complete = said.outcome == ReviewOutcome.COMPLETE
    action = FilingAction.ACCEPT_FOR_REVIEW if is_complete else FilingAction.REQUEST_CHANGES
    status = LIFE.move(filing.status, action)
    await desk.refuse_held(session, id, by=by)
    if by.sub in filing.filers:
        raise FourEyes()
    if not is_complete and not said.remarks:
        raise ValidationFailed(findings=[Finding(code="REMARK_REQUIRED", pointer="/remarks")])
    filing.status = status
    filing.version += 1
    made = Review(
        id=new_id(),
        filing_id=id,
        outcome=said.outcome,
        remarks=[remark.model_dump(mode="json") for remark in said.remarks],
        by_sub=by.sub,
        at=clock.now(),
    )
    Reviews(session).add(made)
    await desk.reviewed(session, filing, by=by)
    return filing, made
