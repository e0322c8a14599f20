"""Operations: how far long work is."""

from fastapi import APIRouter, Response

from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.parameters import PathId
from services.registry.operations.repository import Operations
from services.registry.operations.schemas import OperationRead
from services.registry.operations.service import SOON
from services.registry.scopes import Agent

router = APIRouter(prefix="/v1", tags=["imports"])


@router.get("/operations/{id}", responses=problems(NotFound))
async def read_operation(
    session: Session, caller: Agent, id: PathId, response: Response
) -> OperationRead:
    """How far a piece of long work is; ask again after `Retry-After` while it is not over."""
    operation = await Operations(session).one_in_view(id, caller)
    response.headers["Cache-Control"] = "private, no-store"
    if operation.ended_at is None:
        response.headers["Retry-After"] = str(int(SOON.total_seconds()))
    return OperationRead.model_validate(operation, from_attributes=True)
