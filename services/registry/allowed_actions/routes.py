"""What this caller may file about a cooperative, and what stands in the way."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from chassis.answers import describe
from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.parameters import PathId
from chassis.tools import Sentences, Spoken
from services.registry.allowed_actions import repository
from services.registry.allowed_actions.rules import Situation, blockers
from services.registry.allowed_actions.schemas import AllowedAction, AllowedActions
from services.registry.cooperatives.models import Cooperative
from services.registry.formalities import FORMALITIES
from services.registry.scopes import Anybody

router = APIRouter(prefix="/v1", tags=["cooperatives"])


async def _known(session: Session, _: Anybody, id: PathId) -> Cooperative:
    return await repository.found(session, id)


@router.get("/cooperatives/{id}/allowed-actions", responses=problems(NotFound))
async def list_allowed_actions(
    session: Session,
    caller: Anybody,
    cooperative: Annotated[Cooperative, Depends(_known)],
    catalogue: Sentences,
    language: Spoken,
    response: Response,
) -> AllowedActions:
    """Every type of filing: whether you may begin one about this cooperative, and if not why, by
    which article and what to do. Files that are open are named to those who may file about it."""
    id = cooperative.id
    reach = await repository.within_reach(session, id, caller)
    known = {scope for scope in reach if caller.has(scope)}
    files = await repository.open_files(session, id) if known else {}
    # what the registrar prepares is the registrars' to know
    files = {type: file for type, file in files.items() if FORMALITIES[type].scope in known}
    now = Situation(caller.scopes, reach, cooperative.life, files)
    found = {type: list(blockers(type, one, now)) for type, one in FORMALITIES.items()}
    response.headers.update({"Cache-Control": "private, no-store", "Content-Language": language})
    actions = [
        AllowedAction(
            action=type,
            is_allowed=all(one.severity != "BLOCK" for one in why),
            blockers=describe(catalogue, language, why),
        )
        for type, why in found.items()
    ]
    return AllowedActions(cooperative_id=id, life=cooperative.life, actions=actions)
