"""Who read what: for the persons themselves, and for data protection."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.catalogue import Language
from chassis.db import Session
from chassis.errors import NotFound
from chassis.fields import Id
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.tools import Spoken
from services.registry.accesses.models import DataAccess
from services.registry.accesses.repository import Accesses
from services.registry.accesses.rules import sentence
from services.registry.accesses.schemas import AccessDetail, AccessRead
from services.registry.links.repository import Links
from services.registry.persons.repository import Persons
from services.registry.scopes import Anybody, Protector

router = APIRouter(prefix="/v1", tags=["personal data"])
_SHOWN = {*AccessRead.model_fields} - {"sentence"}


def _read(row: DataAccess, language: Language) -> AccessRead:
    return AccessRead(**row.model_dump(include=_SHOWN), sentence=sentence(row, language))


def _detail(row: DataAccess, language: Language) -> AccessDetail:
    return AccessDetail(
        **_read(row, language).model_dump(),
        **row.model_dump(include={"sub", "client_id", "trace_id"}),
        persons_count=len(row.subjects),
    )


@router.get("/me/data-accesses")
async def list_own_accesses(
    session: Session, caller: Anybody, window: List, language: Spoken, response: Response
) -> Page[AccessRead]:
    """Who read your personal data in the register, when, and why: the newest first. Empty until
    your account is tied to a member (`POST /v1/me/member-links`)."""
    members = [member.id for member, _ in await Links(session).members_of(caller.sub)]
    accesses = Accesses(session)
    after = UUID(window.after[0]) if window.after else None
    rows = await accesses.about(await accesses.names_of(members), after, window.limit)
    response.headers["Cache-Control"] = "private, no-store"
    page = window.page(rows, lambda row: [str(row.id)], response)
    return Page(**{**page, "items": [_read(row, language) for row in page["items"]]})


@router.get("/data-accesses", responses=problems(NotFound))
async def list_accesses(
    session: Session,
    caller: Protector,
    window: List,
    language: Spoken,
    response: Response,
    member_id: Annotated[Id | None, Query(description="only those about this member")] = None,
) -> Page[AccessDetail]:
    """The readings of personal data in your territory, or those of one person: the newest first."""
    accesses = Accesses(session)
    after = UUID(window.after[0]) if window.after else None
    if member_id is None:
        rows = await accesses.nearby(caller, after, window.limit)
    else:
        member = await Persons(session).one_protected_by(member_id, caller)
        subjects = await accesses.names_of([member.id])
        rows = await accesses.about(subjects, after, window.limit)
    response.headers["Cache-Control"] = "private, no-store"
    page = window.page(rows, lambda row: [str(row.id)], response)
    return Page(**{**page, "items": [_detail(row, language) for row in page["items"]]})
