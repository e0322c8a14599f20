"""What happens to organisations."""

from typing import Any

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession, hold
from chassis.errors import NotFound
from chassis.patches import merged
from chassis.versions import demand, expect
from gateway.accounts.models import Organisation
from gateway.administrators import ADMINISTRATORS, kept
from gateway.audit.service import Target, note
from gateway.grants import service as grants
from gateway.issuer.endings import end_organisation
from gateway.names import new_name
from gateway.organisations.repository import Organisations
from gateway.organisations.schemas import ActWrite, OrganisationPatch, OrganisationWrite
from gateway.organisations.states import LIFE, OrganisationAction
from gateway.plane.callers import ADMIN


def in_view(organisation: Organisation, caller: Caller) -> Organisation:
    """The organisation, for its own and for administrators of the platform; else 404."""
    if caller.has(ADMIN) or caller.organisation_id == organisation.id:
        return organisation
    raise NotFound()


def target(organisation: Organisation) -> Target:
    """The organisation in the audit trail."""
    return Target("ORGANISATION", organisation.id, organisation.id)


async def create(session: AsyncSession, wish: OrganisationWrite, *, by: Caller) -> Organisation:
    """A new organisation; nobody belongs to it yet."""
    organisation = Organisations(session).add(
        Organisation(
            id=new_name("org"),
            kind=wish.kind,
            name=wish.name,
            lender_id=str(wish.lender_id) if wish.lender_id else None,
            created_at=clock.now(),
        )
    )
    note(session, "ORGANISATION_CREATED", target(organisation), by=by, kind=wish.kind.value)
    return organisation


async def edit(
    session: AsyncSession, id: str, patch: dict[str, Any], *, version: int | None, by: Caller
) -> Organisation:
    """Change its name: RFC 7396 merge patch."""
    organisation = await Organisations(session).lock(id)
    wish = check(OrganisationPatch, merged({"name": organisation.name}, patch))
    demand(version, organisation.version)
    organisation.status = LIFE.move(organisation.status, OrganisationAction.EDIT)
    organisation.name = wish.name
    organisation.version += 1
    note(session, "ORGANISATION_EDITED", target(organisation), by=by, fields=sorted(patch))
    return organisation


async def act(
    session: AsyncSession,
    id: str,
    action: OrganisationAction,
    said: ActWrite,
    *,
    version: int | None,
    by: Caller,
) -> Organisation:
    """Suspend, reactivate or close it; what its persons and machines hold ends with it, at once."""
    await hold(session, f"organisation/{id}", ADMINISTRATORS)
    organisation = await Organisations(session).lock(id)
    expect(version, organisation.version)
    async with kept(session):
        organisation.status = LIFE.move(organisation.status, action)
    organisation.version += 1
    if action != OrganisationAction.REACTIVATE:
        await end_organisation(session, id)
    await grants.withhold(session, id)
    note(session, f"ORGANISATION_{action}", target(organisation), by=by, reason=said.reason.value)
    return organisation
