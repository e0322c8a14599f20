"""Code lists: what the codes of other resources mean."""

from fastapi import APIRouter, Response

from chassis.auth import Visitor
from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.parameters import PathCode
from services.registry.code_lists import service
from services.registry.code_lists.schemas import CodeListRead

router = APIRouter(prefix="/v1", tags=["code lists"])


@router.get("/code-lists/{name}", responses=problems(NotFound))
async def read_code_list(
    session: Session, _: Visitor, name: PathCode, response: Response
) -> CodeListRead:
    """A list of codes with labels in French and English: divisions, sectors, languages, …"""
    response.headers["Cache-Control"] = "public, max-age=300, stale-while-revalidate=3600"
    return await service.read(session, name)
