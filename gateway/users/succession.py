"""Somebody takes over from a person who has left: an act of its own, never a copy of rights."""

from dataclasses import dataclass

from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, ValidationFailed
from chassis.vault import Vault
from chassis.versions import expect
from gateway.accounts.models import Account, AccountStatus, Organisation
from gateway.administrators import ADMINISTRATORS
from gateway.audit.service import note
from gateway.issuer.cutoffs import cut_off
from gateway.notices.models import NoticeKind
from gateway.organisations import records as organisations
from gateway.texts import shown
from gateway.users.errors import AlreadyReplaced, BeyondYourRights, OwnRights
from gateway.users.letters import send_code
from gateway.users.records import rights_changed
from gateway.users.repository import Users
from gateway.users.rules import is_within_reach
from gateway.users.schemas import Invitation, ReplacementWrite
from gateway.users.service import add, target
from gateway.users.states import LIFE, UserAction

_HERE = (AccountStatus.INVITED, AccountStatus.ACTIVE)


@dataclass(frozen=True)
class Succession:
    """Who left, where, and who acts."""

    left: Account
    owner: Organisation
    by: Caller


async def replace(
    session: AsyncSession,
    left: Account,
    wish: ReplacementWrite,
    *,
    version: int | None,
    by: Caller,
    vault: Vault,
) -> Account:
    """The successor, who now also holds what the person held."""
    names = [left.id, *([wish.successor_id] if wish.successor_id else [])]
    await hold(
        session,
        f"organisation/{left.organisation_id}",
        *(f"user/{name}" for name in names),
        ADMINISTRATORS,
    )
    owner = await organisations.receiving(session, left.organisation_id)
    found = Succession(await Users(session).lock(left.id), owner, by)
    await _check(session, found, version)
    if wish.invitation is not None:
        successor = await _invited(session, found, wish.invitation, vault=vault)
    else:
        successor = await _colleague(session, found, str(wish.successor_id))
    found.left.version += 1
    rights = {"roles": successor.roles, "territory": successor.territory}
    note(session, "USER_REPLACED", target(found.left), by=by, successor_id=successor.id, **rights)
    return successor


async def _check(session: AsyncSession, found: Succession, version: int | None) -> None:
    left = found.left
    if not is_within_reach(left, found.owner, found.by):
        raise BeyondYourRights()
    expect(version, left.version)
    left.status = LIFE.move(left.status, UserAction.REPLACE)
    if await Users(session).successor_of(left.id):
        raise AlreadyReplaced()


async def _invited(
    session: AsyncSession, found: Succession, wish: Invitation, *, vault: Vault
) -> Account:
    successor = await add(session, wish, found.owner, vault=vault)
    successor.roles, successor.territory = found.left.roles, found.left.territory
    successor.replaces_id = found.left.id
    await send_code(session, successor, NoticeKind.INVITATION, vault=vault)
    return successor


async def _colleague(session: AsyncSession, found: Succession, id: str) -> Account:
    if id == found.by.sub:
        raise OwnRights()
    users = Users(session)
    known = await users.find(id)
    is_colleague = known is not None and known.organisation_id == found.owner.id
    successor = await users.lock(id) if is_colleague else None
    if successor is None or successor.status not in _HERE:
        raise ValidationFailed(findings=[_refused("SUCCESSOR_UNKNOWN")])
    if successor.replaces_id is not None:
        raise ValidationFailed(findings=[_refused("SUCCESSOR_NOT_FREE")])
    if not is_within_reach(successor, found.owner, found.by):
        raise BeyondYourRights()
    successor.roles = shown([*successor.roles, *found.left.roles])
    successor.territory = shown([*successor.territory, *found.left.territory])
    successor.replaces_id = found.left.id
    successor.version += 1
    await cut_off(session, f"sub:{successor.id}")
    rights_changed(session, successor)
    return successor


def _refused(code: str) -> Finding:
    return Finding(code=code, pointer="/successor_id")
