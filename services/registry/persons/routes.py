"""One person of the register: for who may see them, and for themselves."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.tools import Sealing
from services.registry.accesses import dossiers
from services.registry.accesses.models import Capacity, Operation
from services.registry.accesses.schemas import OwnRecord
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.cooperatives.schemas import MemberRead
from services.registry.history.repository import last_held
from services.registry.links.repository import Links
from services.registry.persons.repository import Persons
from services.registry.purposes import Purpose
from services.registry.scopes import Anybody, MemberReader

router = APIRouter(prefix="/v1", tags=["personal data"])


async def _in_view(
    session: Session, caller: MemberReader, id: PathId
) -> tuple[Member, Cooperative]:
    return await Persons(session).one_open_to(id, caller)


@router.get("/members/{id}", responses=problems(NotFound))
async def read_member(
    session: Session,
    caller: MemberReader,
    found: Annotated[tuple[Member, Cooperative], Depends(_in_view)],
    purpose: Purpose,
    vault: Sealing,
    response: Response,
) -> MemberRead:
    """One member, as the list of the cooperative shows them; `revealed` for agents who say why."""
    member, cooperative = found
    capacity = dossiers.capacity_for(caller, cooperative.organisation_id, cooperative.path)
    [read] = await dossiers.shown(
        session,
        await last_held(session, [member]),
        caller,
        (capacity, purpose),
        vault=vault,
        operation=Operation.MEMBER,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return read


@router.get("/me/personal-data")
async def list_own_records(
    session: Session, caller: Anybody, window: List, vault: Sealing, response: Response
) -> Page[OwnRecord]:
    """What the register holds about you, whole: one entry for each cooperative of which you are or
    were a member. Empty until your account is tied to a member (`POST /v1/me/member-links`)."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Links(session).members_of(caller.sub, after=after, limit=window.limit)
    page = window.page(rows, lambda row: [str(row[0].id)], response)
    members = [member for member, _ in page["items"]]
    why = (Capacity.SUBJECT, None)
    reads = await dossiers.shown(
        session,
        await last_held(session, members),
        caller,
        why,
        vault=vault,
        operation=Operation.OWN_DATA,
    )
    response.headers["Cache-Control"] = "private, no-store"
    items = [
        OwnRecord(cooperative_id=cooperative.id, cooperative_name=cooperative.name, member=read)
        for read, (_, cooperative) in zip(reads, page["items"], strict=True)
    ]
    return Page(**{**page, "items": items})
