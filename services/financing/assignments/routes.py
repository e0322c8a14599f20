"""Assignments: a lender's work queue."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import IfMatchIfSent, etag
from services.financing.assignments import service
from services.financing.assignments.errors import (
    AssignmentExpired,
    AssignmentRecalled,
    InformationRequestsExhausted,
)
from services.financing.assignments.models import Assignment
from services.financing.assignments.repository import Assignments
from services.financing.assignments.schemas import (
    AcknowledgementWrite,
    AssignmentRead,
    AssignmentSummary,
    InformationRequestRead,
    InformationRequestWrite,
)
from services.financing.assignments.states import LIFE, Status
from services.financing.scopes import LenderDecider, LenderReader

router = APIRouter(prefix="/v1", tags=["lender"])
_REFUSALS = problems(NotFound, IllegalTransition, AssignmentExpired, AssignmentRecalled)


async def _readable(session: Session, lender: LenderReader, id: PathId) -> Assignment:
    return await Assignments(session).one_of(id, lender.id)


async def _decidable(session: Session, lender: LenderDecider, id: PathId) -> Assignment:
    return await Assignments(session).one_of(id, lender.id)


OwnAssignment = Annotated[Assignment, Depends(_readable)]
DecidableAssignment = Annotated[Assignment, Depends(_decidable)]


def summary_of(assignment: Assignment) -> AssignmentSummary:
    """The assignment with what a queue shows of its dossier."""
    dossier = assignment.dossier
    return AssignmentSummary.model_validate(
        assignment.model_dump()
        | {
            "reference": dossier["reference"],
            "product_code": dossier["product_code"],
            "amount_requested_xof": dossier["wish"]["amount_requested_xof"],
            "region_code": dossier["cooperative"]["path"][-2],
        }
    )


@router.get("/lender/assignments")
async def list_assignments(
    session: Session,
    lender: LenderReader,
    window: List,
    response: Response,
    status: Annotated[Status | None, Query()] = None,
) -> Page[AssignmentSummary]:
    """The applications sent to you, oldest first."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Assignments(session).page(
        lender.id, after=after, limit=window.limit, status=status
    )
    reads = [summary_of(row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/lender/assignments/{id}", responses=problems(NotFound))
async def read_assignment(
    session: Session, _: LenderReader, assignment: OwnAssignment, response: Response
) -> AssignmentRead:
    """One of your assignments with its whole dossier; no member of the cooperative is named."""
    questions = await Assignments(session).questions(assignment.id)
    response.headers["ETag"] = etag(assignment.version)
    return AssignmentRead(
        **summary_of(assignment).model_dump(),
        dossier=assignment.dossier,
        information_requests=[InformationRequestRead.model_validate(q) for q in questions],
        allowed_actions=[action.value for action in LIFE.allowed(assignment.status)],
    )


@router.post(
    "/lender/assignments/{id}/acknowledgements",
    status_code=201,
    response_model=AssignmentSummary,
    responses=_REFUSALS,
)
async def acknowledge_assignment(
    session: Session,
    _: LenderDecider,
    assignment: DecidableAssignment,
    act: Act,
    said: Annotated[AcknowledgementWrite, Json(AcknowledgementWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Say that you have the file and will study it, or hand it back."""
    changed = await service.acknowledge(session, assignment, said, version=version)
    location = f"/v1/lender/assignments/{changed.id}"
    headers = {"Location": location, "ETag": etag(changed.version)}
    return await act.answer(201, summary_of(changed), headers=headers)


@router.post(
    "/lender/assignments/{id}/information-requests",
    status_code=201,
    response_model=InformationRequestRead,
    responses=_REFUSALS | problems(InformationRequestsExhausted),
)
async def request_information(
    session: Session,
    _: LenderDecider,
    assignment: DecidableAssignment,
    act: Act,
    said: Annotated[InformationRequestWrite, Json(InformationRequestWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Ask the cooperative; your clock stands still until it answers, ten days at most, twice."""
    changed, question = await service.ask(session, assignment, said, version=version)
    location = f"/v1/lender/assignments/{changed.id}"
    headers = {"Location": location, "ETag": etag(changed.version)}
    read = InformationRequestRead.model_validate(question)
    return await act.answer(201, read, headers=headers)
