"""The same person elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.parameters import PathId
from chassis.tools import Sealing
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.matches import service
from services.registry.matches.schemas import PersonMatch
from services.registry.purposes import Purpose
from services.registry.scopes import Agent

router = APIRouter(prefix="/v1", tags=["personal data"])


class PersonMatches(BaseModel):
    """Signs to look at; none is a ground to refuse."""

    items: Annotated[list[PersonMatch], Field(max_length=500)]


async def _at_work(session: Session, caller: Agent, id: PathId) -> Filing:
    return await Filings(session).one_at_work(id, caller)


@router.get("/filings/{id}/person-matches", responses=problems(NotFound))
async def list_person_matches(
    session: Session,
    by: Agent,
    filing: Annotated[Filing, Depends(_at_work)],
    purpose: Purpose,
    vault: Sealing,
    response: Response,
) -> PersonMatches:
    """Persons of a filing who are members of other cooperatives, or president of another one too
    (R36): found by a keyed hash of their number, for the agents who work on the filing. What lies
    outside their territory is not named."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await service.matches(session, filing, by=by, purpose=purpose, vault=vault)
    return PersonMatches(items=found)
