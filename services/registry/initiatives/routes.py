"""Initiatives: groups on the way to a cooperative."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import NotFound, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import etag
from services.registry.initiatives import service
from services.registry.initiatives.repository import Initiatives
from services.registry.initiatives.schemas import InitiativeRead, InitiativeWrite
from services.registry.scopes import Filer, Reader

router = APIRouter(prefix="/v1", tags=["initiatives"])


@router.post(
    "/initiatives",
    status_code=201,
    response_model=InitiativeRead,
    responses=problems(ValidationFailed),
)
async def start_initiative(
    session: Session,
    by: Filer,
    act: Act,
    wish: Annotated[InitiativeWrite, Json(InitiativeWrite)],
) -> Response:
    """Make a group known: it can then be trained, and its registration be filed."""
    initiative = await service.start(session, wish, by=by)
    read = InitiativeRead.model_validate(initiative, from_attributes=True)
    location = f"/v1/initiatives/{initiative.id}"
    return await act.answer(201, read, headers={"Location": location, "ETag": etag(1)})


@router.get("/initiatives")
async def list_initiatives(
    session: Session, caller: Reader, window: List, response: Response
) -> Page[InitiativeRead]:
    """The groups of your organisation or territory."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Initiatives(session).in_view(caller, after, window.limit)
    reads = [InitiativeRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/initiatives/{id}", responses=problems(NotFound))
async def read_initiative(
    session: Session, caller: Reader, id: PathId, response: Response
) -> InitiativeRead:
    """One group."""
    initiative = await Initiatives(session).one_in_view(id, caller)
    response.headers["ETag"] = etag(initiative.version)
    return InitiativeRead.model_validate(initiative, from_attributes=True)
