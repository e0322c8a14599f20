"""Completion decisions: what a group has achieved, by the rule of its programme."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.parameters import PathId
from services.training.completions import service
from services.training.completions.errors import CompletionAlreadyDecided
from services.training.completions.repository import CompletionDecisions
from services.training.completions.schemas import CompletionDecisionRead, CompletionDecisionWrite
from services.training.enrolments.repository import Delegations
from services.training.scopes import Reader, Steward
from services.training.sessions.errors import FourEyes

router = APIRouter(prefix="/v1", tags=["results"])


@router.post(
    "/completion-decisions",
    status_code=201,
    response_model=CompletionDecisionRead,
    responses=problems(NotFound, IllegalTransition, CompletionAlreadyDecided, FourEyes),
)
async def decide_completion(
    session: Session,
    by: Steward,
    act: Act,
    wish: Annotated[CompletionDecisionWrite, Json(CompletionDecisionWrite)],
) -> Response:
    """Decide whether a group has completed; neither its lead trainer nor an assessor may."""
    made = await service.decide(session, wish.delegation_id, by=by)
    read = CompletionDecisionRead.model_validate(made, from_attributes=True)
    headers = {"Location": f"/v1/completion-decisions/{made.id}"}
    return await act.answer(201, read, headers=headers)


@router.get("/completion-decisions/{id}", responses=problems(NotFound))
async def read_completion_decision(
    session: Session, caller: Reader, id: PathId
) -> CompletionDecisionRead:
    """One decision, with all that it was decided from."""
    found = await CompletionDecisions(session).get(id)
    await Delegations(session).one_in_view(found.delegation_id, caller)
    return CompletionDecisionRead.model_validate(found, from_attributes=True)
