"""A person proves to be a member: the code that they were handed, used by their own account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import NotFound, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.parameters import PathId
from chassis.tools import Sealing
from services.registry.cooperatives.models import Member
from services.registry.links import service
from services.registry.links.errors import LinkCodeOwn
from services.registry.links.repository import Links
from services.registry.links.schemas import LinkCodeMade, LinkCodeWrite, LinkMade, LinkWrite
from services.registry.persons.repository import Persons
from services.registry.scopes import Anybody, Linker

router = APIRouter(prefix="/v1", tags=["personal data"])


async def _known(session: Session, by: Linker, id: PathId) -> Member:
    member, _ = await Links(session).giver(id, by)
    return member


@router.post(
    "/members/{id}/link-codes",
    status_code=201,
    response_model=LinkCodeMade,
    responses=problems(NotFound, ValidationFailed),
)
async def give_link_code(
    session: Session,
    by: Linker,
    member: Annotated[Member, Depends(_known)],
    act: Act,
    said: Annotated[LinkCodeWrite, Json(LinkCodeWrite)],
    vault: Sealing,
) -> Response:
    """A code for a member whom you know or whose identity document you saw: hand it to them. With
    it their own account becomes theirs in the register (`POST /v1/me/member-links`)."""
    link, code = await service.issue(session, member, said, by=by, vault=vault)
    made = LinkCodeMade(id=link.id, member_id=member.id, code=code, expires_at=link.expires_at)
    return await act.answer(201, made, vault=vault)


@router.post(
    "/me/member-links",
    status_code=201,
    response_model=LinkMade,
    responses=problems(ValidationFailed, LinkCodeOwn),
)
async def claim_member(
    session: Session,
    by: Anybody,
    act: Act,
    said: Annotated[LinkWrite, Json(LinkWrite)],
    vault: Sealing,
) -> Response:
    """Use the code that you were handed: from then on you see what the register holds of you and
    who read it, and may ask for its correction or erasure."""
    link = await service.claim(session, said.code, by=by, vault=vault)
    member = await Persons(session).get(link.member_id)
    assert link.claimed_at is not None  # noqa: S101  just now
    made = LinkMade(
        member_id=member.id, cooperative_id=member.cooperative_id, claimed_at=link.claimed_at
    )
    return await act.answer(201, made)
