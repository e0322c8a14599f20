"""A filing is examined by somebody who had no hand in it."""

from collections.abc import Sequence
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.vault import Vault
from chassis.versions import expect
from services.registry.desk import records as desk
from services.registry.events import FilingReturned, outbox
from services.registry.filings.errors import FourEyes
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.filings.states import LIFE, FilingAction
from services.registry.remarks import service as remarks
from services.registry.reviews.models import Review
from services.registry.reviews.repository import Reviews
from services.registry.reviews.schemas import (
    RemarkRead,
    ReviewOutcome,
    ReviewRead,
    ReviewWrite,
)


async def review(
    session: AsyncSession,
    id: UUID,
    said: ReviewWrite,
    *,
    version: int | None,
    by: Caller,
    known_codes: set[str],
) -> tuple[Filing, Review]:
    """An instructor examines: complete, or sent back with what to change."""
    filing = await Filings(session).lock_at_work(id, by)
    expect(version, filing.version)
    is_complete = said.outcome == ReviewOutcome.COMPLETE
    action = FilingAction.ACCEPT_FOR_REVIEW if is_complete else FilingAction.REQUEST_CHANGES
    status = LIFE.move(filing.status, action)
    await desk.refuse_held(session, id, by=by)
    if by.sub in filing.filers:
        raise FourEyes()
    await _check(session, filing, said, known_codes)
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
    await session.flush()
    if not is_complete:
        remarks.keep(session, made, filing)
        outbox.publish(session, id, _returned(filing, made))
    await desk.reviewed(session, filing, by=by)
    return filing, made


def _returned(filing: Filing, made: Review) -> FilingReturned:
    return FilingReturned(
        filing_id=filing.id,
        organisation_id=filing.organisation_id,
        cooperative_id=filing.cooperative_id,
        formality=filing.type,
        arrival_number=filing.arrival_number or "",
        review_id=made.id,
        remarks_count=len(made.remarks),
    )


async def _check(
    session: AsyncSession, filing: Filing, said: ReviewWrite, known_codes: set[str]
) -> None:
    found = await remarks.misplaced(session, filing, said.remarks, known_codes)
    if said.outcome == ReviewOutcome.CHANGES_REQUESTED and not said.remarks:
        found.append(Finding(code="REMARK_REQUIRED", pointer="/remarks"))
    if found:
        raise ValidationFailed(findings=found)


async def told(session: AsyncSession, reviews: Sequence[Review], vault: Vault) -> list[ReviewRead]:
    """Reviews with their remarks numbered, and what was answered."""
    by_review = await remarks.answered(session, [review.id for review in reviews], vault)
    return [
        ReviewRead(
            **review.model_dump(include={"id", "filing_id", "outcome", "at"}),
            remarks=[RemarkRead(number=n, **one) for n, one in enumerate(review.remarks, 1)],
            answers=by_review[review.id],
        )
        for review in reviews
    ]
