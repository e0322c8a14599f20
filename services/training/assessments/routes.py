"""Assessments: whether the deliverables of a group are good enough."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, ValidationFailed
from chassis.fields import Id
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from services.training.assessments import service
from services.training.assessments.repository import Assessments
from services.training.assessments.schemas import AssessmentRead, AssessmentWrite
from services.training.completions.errors import CompletionAlreadyDecided
from services.training.enrolments.repository import Delegations
from services.training.scopes import Reader, Trainer
from services.training.sessions.errors import FourEyes

router = APIRouter(prefix="/v1", tags=["assessments"])


@router.post(
    "/assessments",
    status_code=201,
    response_model=AssessmentRead,
    responses=problems(
        NotFound, IllegalTransition, CompletionAlreadyDecided, FourEyes, ValidationFailed
    ),
)
async def assess_deliverable(
    session: Session,
    by: Trainer,
    act: Act,
    wish: Annotated[AssessmentWrite, Json(AssessmentWrite)],
) -> Response:
    """Say of a group's deliverable whether it is accepted or to be reworked."""
    made = await service.assess(session, wish, by=by)
    read = AssessmentRead.model_validate(made, from_attributes=True)
    return await act.answer(201, read, headers={"Location": f"/v1/assessments/{made.id}"})


@router.get("/assessments", responses=problems(NotFound))
async def list_assessments(
    session: Session,
    caller: Reader,
    window: List,
    response: Response,
    delegation_id: Annotated[Id, Query(description="whose work")],
) -> Page[AssessmentRead]:
    """Every look at the work of one group, oldest first."""
    await Delegations(session).one_in_view(delegation_id, caller)
    after = UUID(window.after[0]) if window.after else None
    rows = await Assessments(session).page(delegation_id, after, window.limit)
    reads = [AssessmentRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/assessments/{id}", responses=problems(NotFound))
async def read_assessment(session: Session, caller: Reader, id: PathId) -> AssessmentRead:
    """One look at one deliverable."""
    found = await Assessments(session).get(id)
    await Delegations(session).one_in_view(found.delegation_id, caller)
    return AssessmentRead.model_validate(found, from_attributes=True)
