"""The agents' desk: what there is to do, who does it, and where a file stands."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis import clock
from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.versions import IfMatchIfSent, etag
from services.registry.agents.repository import Agents
from services.registry.desk import acts, reports, service
from services.registry.desk.errors import HeldByAnother, HeldByNobody, NotYourStage
from services.registry.desk.models import WorkItem
from services.registry.desk.repository import Desk, Wanted
from services.registry.desk.schemas import (
    Assigned,
    AssignmentWrite,
    Progress,
    StepRead,
    TransferWrite,
    WorkItemRead,
)
from services.registry.desk.states import Stage
from services.registry.filings.errors import FourEyes
from services.registry.filings.models import Filing
from services.registry.filings.routes import FilingAtWork, FilingInView
from services.registry.filings.states import FilingStatus
from services.registry.scopes import Agent, Reader, Registrar

router = APIRouter(prefix="/v1", tags=["desk"])


@router.get("/work-items")
async def list_work_items(
    session: Session,
    caller: Agent,
    window: List,
    response: Response,
    status: Annotated[FilingStatus | None, Query(description="default: what is open")] = None,
    type: Annotated[str | None, Query(max_length=40, description="type of filing")] = None,
    stage: Annotated[Stage | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    holder: Annotated[str | None, Query(max_length=64, description="id of an agent")] = None,
    held: Annotated[bool | None, Query(description="false: what nobody holds")] = None,
    mine: Annotated[bool, Query(description="what you hold")] = False,
    place: Annotated[str | None, Query(max_length=20, description="division code")] = None,
) -> Page[WorkItemRead]:
    """The files of your territory by due date; those that wait for their filer come last."""
    await Agents(session).meet(caller)
    wanted = Wanted(
        status=status, type=type, stage=stage, is_overdue=overdue, holder=holder, is_held=held,
        is_mine=caller.sub if mine else None, place=place,
    )  # fmt: skip
    page = (window.limit, clock.today())
    rows = await Desk(session).queue(caller, wanted, window.after, page)
    response.headers["Cache-Control"] = "private, no-store"
    shown = window.page(rows, _key, response)
    return Page(**{**shown, "items": [reports.queued(row, caller) for row in shown["items"]]})


def _key(row: tuple[WorkItem, ...]) -> list[str | None]:
    due = row[0].due_on
    return [due.isoformat() if due else None, str(row[0].filing_id)]


@router.post(
    "/filings/{id}/assignments",
    status_code=201,
    response_model=Assigned,
    responses=problems(
        NotFound, IllegalTransition, HeldByAnother, HeldByNobody, FourEyes, NotYourStage,
        ValidationFailed,
    ),
)  # fmt: skip
async def assign_filing(
    session: Session,
    by: Agent,
    filing: FilingAtWork,
    act: Act,
    said: Annotated[AssignmentWrite, Json(AssignmentWrite)],
) -> Response:
    """Take a file, give it to a colleague of its territory, or put it back. A colleague's file is
    theirs until its due date; whoever decides or corrects may reassign it before, with a reason."""
    changed, item = await service.assign(session, filing.id, said, by=by)
    return await _answer(act, changed, item)


@router.post(
    "/filings/{id}/territory-transfers",
    status_code=201,
    response_model=Assigned,
    responses=problems(NotFound, IllegalTransition, PreconditionFailed, ValidationFailed),
)
async def transfer_filing(
    session: Session,
    by: Registrar,
    filing: FilingAtWork,
    act: Act,
    said: Annotated[TransferWrite, Json(TransferWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Move an open file to the authority of another département; its arrival number stays, and
    the registers of both authorities say so."""
    changed, item = await acts.transfer(session, filing.id, said, version=version, by=by)
    return await _answer(act, changed, item)


async def _answer(act: Act, filing: Filing, item: WorkItem) -> Response:
    assigned = Assigned(
        **item.model_dump(include={"filing_id", "stage", "due_on", "total_due_on"}),
        holder_id=item.holder_sub,
        authority_code=filing.authority_code or "",
        version=filing.version,
    )
    headers = {"Location": f"/v1/filings/{filing.id}/progress", "ETag": etag(filing.version)}
    return await act.answer(201, assigned, headers=headers)


@router.get("/filings/{id}/progress", responses=problems(NotFound))
async def read_progress(
    session: Session, _: Reader, filing: FilingInView, response: Response
) -> Progress:
    """Where a filing stands, who holds it, and until when; the clock stands while you are asked."""
    response.headers["Cache-Control"] = "private, no-store"
    return await reports.progress(session, filing)


@router.get("/filings/{id}/timeline", responses=problems(NotFound))
async def list_timeline(
    session: Session, caller: Reader, filing: FilingInView, window: List, response: Response
) -> Page[StepRead]:
    """Every step that a filing took, oldest first; who the agents are is told to agents alone."""
    after = int(window.after[0]) if window.after else None
    rows = await Desk(session).steps(filing.id, after, window.limit)
    response.headers["Cache-Control"] = "private, no-store"
    page = window.page(rows, lambda row: [row.pos], response)
    is_agent = reports.is_at_work(filing, caller)
    items = [reports.step(row, is_agent=is_agent) for row in page["items"]]
    return Page(**{**page, "items": items})
