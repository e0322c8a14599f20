"""The catalogue: tools, their editions, programmes and their versions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from services.training.scopes import Reader
from services.training.tools.repository import Catalogue
from services.training.tools.schemas import (
    ProgrammeRead,
    ProgrammeVersionRead,
    ToolRead,
    ToolVersionRead,
)

router = APIRouter(prefix="/v1", tags=["tools"])
CodeFilter = Annotated[str | None, Query(max_length=40)]


@router.get("/tools")
async def list_tools(
    session: Session, _: Reader, window: List, response: Response
) -> Page[ToolRead]:
    """The families of training material, and which follows which."""
    after = str(window.after[0]) if window.after else ""
    rows = await Catalogue(session).tools(after, window.limit)
    reads = [ToolRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(**window.page(reads, lambda row: [row.code], response))


@router.get("/tool-versions")
async def list_tool_versions(
    session: Session, _: Reader, window: List, response: Response, tool_code: CodeFilter = None
) -> Page[ToolVersionRead]:
    """The editions of the tools, with their licences."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Catalogue(session).tool_versions(tool_code, after, window.limit)
    reads = [ToolVersionRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/programmes")
async def list_programmes(
    session: Session, _: Reader, window: List, response: Response
) -> Page[ProgrammeRead]:
    """What is taught."""
    after = str(window.after[0]) if window.after else ""
    rows = await Catalogue(session).programmes(after, window.limit)
    reads = [ProgrammeRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(**window.page(reads, lambda row: [row.code], response))


@router.get("/programme-versions")
async def list_programme_versions(
    session: Session, _: Reader, window: List, response: Response, programme_code: CodeFilter = None
) -> Page[ProgrammeVersionRead]:
    """How it is taught: modules, expected deliverables, rule of completion."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Catalogue(session).programme_versions(programme_code, after, window.limit)
    reads = [ProgrammeVersionRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/programme-versions/{id}", responses=problems(NotFound))
async def read_programme_version(session: Session, _: Reader, id: PathId) -> ProgrammeVersionRead:
    """One version of a programme."""
    found = await Catalogue(session).version(id)
    if found is None:
        raise NotFound()
    return ProgrammeVersionRead.model_validate(found, from_attributes=True)
