"""What the registry tells us of groups, and who may speak for one."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import NotFound, NotYetKnown
from chassis.inbox import Fact, Heard
from services.training.groups.models import GroupKind, KnownGroup
from services.training.groups.repository import Groups
from services.training.places.repository import Places
from services.training.scopes import ENROL


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")

    organisation_id: str
    name: str
    commune_code: str
    initiative_id: UUID | None = None
    registration_number: str | None = None


class _Initiative(_Told):
    initiative_id: UUID


class _Cooperative(_Told):
    cooperative_id: UUID


class _WithoutSeat(BaseModel):
    model_config = ConfigDict(extra="ignore")

    commune_code: str | None


async def initiative_started(session: AsyncSession, fact: Fact) -> None:
    """A group on its way to a cooperative made itself known."""
    told = _Initiative.model_validate(fact.data)
    await _remember(session, told, GroupKind.INITIATIVE, told.initiative_id)


async def cooperative_registered(session: AsyncSession, fact: Fact) -> None:
    """A cooperative entered the register."""
    if _WithoutSeat.model_validate(fact.data).commune_code is None:
        return  # an imported record: nobody could say who may train it before its seat is stated
    told = _Cooperative.model_validate(fact.data)
    await _remember(session, told, GroupKind.COOPERATIVE, told.cooperative_id)


HEARS: dict[str, Heard] = {
    "sn.mboolo.registry.initiative.started.v1": initiative_started,
    "sn.mboolo.registry.cooperative.registered.v1": cooperative_registered,
    "sn.mboolo.registry.cooperative.changed.v1": cooperative_registered,
}


async def _remember(session: AsyncSession, told: _Told, kind: GroupKind, id: UUID) -> None:
    group = KnownGroup(
        id=id,
        kind=kind,
        organisation_id=told.organisation_id,
        name=told.name,
        commune_code=told.commune_code,
        path=await Places(session).path(told.commune_code),
        initiative_id=told.initiative_id,
        registration_number=told.registration_number,
        heard_at=clock.now(),
    )
    await Groups(session).put(group)


async def spoken_for(session: AsyncSession, kind: GroupKind, id: UUID, *, by: Caller) -> KnownGroup:
    """The group, for its own organisation, for clients to which it lent enrolling, and for those in
    whose territory it lives.

    `NotYetKnown` when the registry has not told us of it; `NotFound` for everybody else.
    """
    group = await Groups(session).find(kind, id)
    if group is None:
        raise NotYetKnown(subject=f"{kind.lower()}/{id}")
    if not by.owns(group.organisation_id, group.id, ENROL) and not by.covers(group.path):
        raise NotFound()
    return group
