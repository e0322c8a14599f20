"""What happens to access grants: given, seen, revoked at once."""

from chassis import clock
from chassis.auth import MAX_GRANTS, Caller
from chassis.db import AsyncSession, hold
from chassis.errors import NotFound, NotYetKnown, ValidationFailed
from chassis.ids import new_id
from chassis.versions import expect
from gateway.audit.service import Target, note
from gateway.grants.errors import AlreadyGranted, ClientFull
from gateway.grants.models import AccessGrant, KnownCooperative
from gateway.grants.repository import AccessGrants, Named
from gateway.grants.rules import Loan, refusals
from gateway.grants.schemas import GrantWrite
from gateway.grants.states import LIFE, GrantAction, GrantStatus
from gateway.issuer.cutoffs import cut_off
from gateway.plane.callers import ADMIN
from gateway.texts import shown


def status_of(grant: AccessGrant) -> GrantStatus:
    """Where a grant stands now."""
    if grant.revoked_at is not None:
        return GrantStatus.REVOKED
    return GrantStatus.ACTIVE if grant.ends_at > clock.now() else GrantStatus.ENDED


def in_view(named: Named | None, caller: Caller) -> Named:
    """The grant, for who gave it, for the owner of the client, and for administrators; else 404."""
    if named is None:
        raise NotFound()
    owners = (named.grant.organisation_id, named.client.organisation_id)
    if caller.organisation_id not in owners and not caller.has(ADMIN):
        raise NotFound()
    return named


def is_givers(named: Named | None, caller: Caller) -> bool:
    """Whether somebody may take the grant back."""
    if named is None:
        return False
    return caller.has(ADMIN) or caller.organisation_id == named.grant.organisation_id


def target(grant: AccessGrant) -> Target:
    """The grant in the audit trail."""
    return Target("ACCESS_GRANT", str(grant.id), grant.organisation_id)


async def give(session: AsyncSession, wish: GrantWrite, *, by: Caller) -> Named:
    """A cooperative lets a client act on its own record, until a day."""
    id, now = new_id(), clock.now()
    # a client's grants are counted: two must not take its last place
    await hold(session, f"access_grant/{id}", f"grants_of/{wish.client_id}")
    grants = AccessGrants(session)
    cooperative = _own(await grants.cooperative(wish.cooperative_id), by)
    client = await grants.client(wish.client_id)
    found = refusals(Loan(wish, client, by, now))
    if client is None or found:
        raise ValidationFailed(findings=found)
    live = await grants.live(client.id, now)
    # one of an owner before opens nothing any more, and is not in the way of the present one
    ours = (cooperative.id, by.organisation_id)
    if any((grant.cooperative_id, grant.organisation_id) == ours for grant in live):
        raise AlreadyGranted()
    if len(live) >= MAX_GRANTS:
        raise ClientFull(most=MAX_GRANTS)
    grant = grants.add(
        AccessGrant(
            id=id,
            organisation_id=by.organisation_id,
            cooperative_id=cooperative.id,
            client_id=client.id,
            scopes=shown(wish.scopes),
            granted_by=by.sub,
            created_at=now,
            ends_at=wish.ends_at,
        )
    )
    await session.flush()
    await cut_off(session, f"letters:{client.id}")
    told = {"cooperative_id": str(cooperative.id), "client_id": client.id, "scopes": grant.scopes}
    note(session, "ACCESS_GRANTED", target(grant), by=by, **told)
    return Named(grant, cooperative.name, client)


def _own(cooperative: KnownCooperative | None, by: Caller) -> KnownCooperative:
    # one of others and one that nobody has told of yet look the same
    if cooperative is None or cooperative.organisation_id != by.organisation_id:
        raise NotYetKnown(subject="cooperative_id")
    return cooperative


async def revoke(session: AsyncSession, named: Named, *, version: int | None, by: Caller) -> Named:
    """Take it back: from the next request on, the client may no more."""
    grant = await AccessGrants(session).lock(named.grant.id)
    expect(version, grant.version)
    LIFE.move(status_of(grant), GrantAction.REVOKE)
    grant.revoked_at = clock.now()
    grant.version += 1
    await cut_off(session, f"letters:{grant.client_id}")
    note(session, "ACCESS_REVOKED", target(grant), by=by, client_id=grant.client_id)
    return Named(grant, named.cooperative, named.client)


async def withhold(session: AsyncSession, organisation_id: str) -> None:
    """What an organisation has lent counts no more, or counts again: internal tokens are made
    anew from what holds now."""
    for client_id in await AccessGrants(session).borrowers(organisation_id, clock.now()):
        await cut_off(session, f"letters:{client_id}")


async def drop_all(session: AsyncSession, client_id: str) -> None:
    """A client that closes gives back what it was lent."""
    now = clock.now()
    for grant in await AccessGrants(session).live(client_id, now):
        grant.revoked_at = now
        grant.version += 1
