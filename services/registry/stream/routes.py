"""The register's facts, in order, for anyone."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis.auth import Visitor
from chassis.chain import GENESIS
from chassis.pages import List, Page
from chassis.tools import HotReads, PublicBase
from services.registry.stream import repository
from services.registry.stream.schemas import (
    ChainName,
    CheckpointRead,
    EventPage,
    PublicEvent,
    Tip,
)

router = APIRouter(prefix="/v1", tags=["events"])


@router.get("/events")
async def list_events(
    reads: HotReads,
    _: Visitor,
    base: PublicBase,
    response: Response,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="last sequence you hold")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> EventPage:
    """The public stream: gap-free `sequence` in commit order, each event linked to the last."""
    rows = await repository.events(reads, after, limit + 1)
    items = [PublicEvent.model_validate(row) for row in rows[:limit]]
    last = items[-1].sequence if items else after
    address = f"{base}/events?after={last}&limit={limit}" if len(rows) > limit else None
    response.headers["Cache-Control"] = "no-cache"
    if address:
        response.headers["Link"] = f'<{address}>; rel="next"'
    cursor = str(last) if address else None
    return EventPage(items=items, next_after=last, next_cursor=cursor, next=address)


@router.get("/events/tip")
async def read_tip(reads: HotReads, _: Visitor) -> Tip:
    """The last sequence of the public stream and its hash."""
    row = await repository.tip(reads, "public")
    return Tip(sequence=row["sequence"], hash=row["hash"]) if row else Tip(sequence=0, hash=GENESIS)


@router.get("/events/checkpoints")
async def list_checkpoints(
    reads: HotReads,
    _: Visitor,
    window: List,
    response: Response,
    chain: Annotated[ChainName | None, Query(description="only this chain")] = None,
) -> Page[CheckpointRead]:
    """Signed checkpoints of the register's chains, newest first, for anyone to keep."""
    after = window.after[0] if window.after else None
    rows = await repository.checkpoints(reads, chain, after, window.limit + 1)
    response.headers["Cache-Control"] = "no-cache"
    page = window.page(rows, lambda row: [row["number"]], response)
    items = [CheckpointRead.model_validate(row) for row in page["items"]]
    return Page(**{**page, "items": items})
