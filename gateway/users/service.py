"""What happens to accounts: invited, changed, suspended, replaced. Reads like minutes."""

from collections.abc import Mapping
from typing import Any

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, NotFound, ValidationFailed
from chassis.patches import merged
from chassis.vault import Vault
from chassis.versions import demand
from gateway.accounts import codes
from gateway.accounts.models import Account, AccountStatus, Organisation
from gateway.administrators import ADMINISTRATORS, kept
from gateway.audit.service import Target, note
from gateway.issuer.cutoffs import cut_off
from gateway.names import new_name
from gateway.notices import service as notices
from gateway.notices.models import NoticeKind
from gateway.organisations import records as organisations
from gateway.plane.callers import ADMIN, MANAGE
from gateway.texts import shown
from gateway.users import addresses
from gateway.users.errors import (
    AddressTaken,
    BeyondYourRights,
    OwnRights,
    UsernameTaken,
)
from gateway.users.letters import send_code, write_to
from gateway.users.records import rights_changed
from gateway.users.repository import Users
from gateway.users.rules import Gift, is_within_reach, refusals
from gateway.users.schemas import (
    Invitation,
    UserFilter,
    UserPatch,
    UserWrite,
)
from gateway.users.states import LIFE, UserAction


def in_view(account: Account, caller: Caller) -> Account:
    """The account, for administrators of the platform and managers of its organisation; else
    404."""
    is_own = account.organisation_id == caller.organisation_id
    if caller.has(ADMIN) or (is_own and caller.has(MANAGE)):
        return account
    raise NotFound()


def narrowed(wanted: UserFilter, caller: Caller) -> UserFilter:
    """What a caller may list of it: a manager only what is of their own organisation."""
    if caller.has(ADMIN):
        return wanted
    own = caller.organisation_id
    asked = wanted.organisation_id or own
    return wanted.model_copy(update={"organisation_id": own if asked == own else ""})


def target(account: Account) -> Target:
    """The person in the audit trail."""
    return Target("USER", account.id, account.organisation_id)


async def invite(session: AsyncSession, wish: UserWrite, *, by: Caller, vault: Vault) -> Account:
    """A person gets an account and a letter with the code that opens it."""
    owner = await _receiving(session, wish.organisation_id or by.organisation_id, by)
    _give(Gift(owner, wish.roles, wish.territory), by)
    account = await add(session, wish, owner, vault=vault)
    account.roles, account.territory = shown(wish.roles), shown(wish.territory)
    await send_code(session, account, NoticeKind.INVITATION, vault=vault)
    rights = {"roles": account.roles, "territory": account.territory}
    note(session, "USER_INVITED", target(account), by=by, **rights)
    return account


async def _receiving(session: AsyncSession, organisation_id: str, by: Caller) -> Organisation:
    refusal = Finding(code="ORGANISATION_UNKNOWN", pointer="/organisation_id")
    if not by.has(ADMIN) and organisation_id != by.organisation_id:
        raise ValidationFailed(findings=[refusal])
    try:
        return await organisations.receiving(session, organisation_id)
    except NotFound:
        raise ValidationFailed(findings=[refusal]) from None


def _give(gift: Gift, by: Caller) -> None:
    found = refusals(gift, by)
    if found:
        raise ValidationFailed(findings=found)


async def add(
    session: AsyncSession, wish: Invitation, owner: Organisation, *, vault: Vault
) -> Account:
    """A new account that may do nothing yet."""
    if await Users(session).is_name_taken(wish.username):
        raise UsernameTaken()
    account = Account(
        id=new_name("user"),
        username=wish.username,
        full_name=wish.full_name,
        language=wish.language,
        organisation_id=owner.id,
        roles=[],
        territory=[],
        status=AccountStatus.INVITED,
        is_demo=owner.is_demo,
        created_at=clock.now(),
    )
    await _take_address(session, account, wish.email, vault=vault)
    return Users(session).add(account)


async def _take_address(
    session: AsyncSession, account: Account, address: str, *, vault: Vault
) -> None:
    blind = addresses.blind(address, vault)
    if await Users(session).is_address_taken(blind, but_by=account.id):
        raise AddressTaken()
    addresses.keep(account, address, vault)


async def alone(session: AsyncSession, id: str, by: Caller) -> Account:
    """The account as it is now, for somebody who could have given all that it holds.

    Whoever it is, they may be the last administrator."""
    await hold(session, f"user/{id}", ADMINISTRATORS)
    users = Users(session)
    account = await users.lock(id)
    if not is_within_reach(account, await users.organisation_of(account), by):
        raise BeyondYourRights()
    return account


async def edit(
    session: AsyncSession,
    id: str,
    patch: dict[str, Any],
    *,
    version: int | None,
    by: Caller,
    vault: Vault,
) -> Account:
    """Change a person's name, address, language, roles or territory: RFC 7396 merge patch."""
    account = await alone(session, id, by)
    before = _editable(account, vault)
    wish = check(UserPatch, merged(before, patch))
    _keep_name(before, wish)
    demand(version, account.version)
    is_new = account.status == AccountStatus.INVITED
    account.status = LIFE.move(account.status, UserAction.CORRECT if is_new else UserAction.EDIT)
    await _change_rights(session, account, wish, by)
    if wish.email != before.get("email"):
        await _move(session, account, wish.email, vault=vault)
    account.full_name, account.language = wish.full_name, wish.language
    account.version += 1
    rights = {"roles": account.roles, "territory": account.territory}
    note(session, "USER_EDITED", target(account), by=by, fields=sorted(patch), **rights)
    return account


def _editable(account: Account, vault: Vault) -> dict[str, Any]:
    values = account.model_dump(include={"full_name", "language", "roles", "territory"})
    values["email"] = addresses.reveal(account, vault)
    return {name: value for name, value in values.items() if value not in ("", None)}


def _keep_name(before: Mapping[str, Any], wish: UserPatch) -> None:
    if "full_name" in before and not wish.full_name:
        raise ValidationFailed(findings=[Finding(code="FIELD_MISSING", pointer="/full_name")])


async def _move(session: AsyncSession, account: Account, address: str, *, vault: Vault) -> None:
    # Codes that went to the old address open nothing any more; the invitation goes to the new one.
    if account.status == AccountStatus.INVITED:
        await _take_address(session, account, address, vault=vault)
        await send_code(session, account, NoticeKind.INVITATION, vault=vault)
    else:
        write_to(session, account, NoticeKind.ADDRESS_CHANGED, vault=vault)
        await _take_address(session, account, address, vault=vault)
        await codes.void(session, account.id)
        await notices.withdraw(session, account.id)


async def _change_rights(
    session: AsyncSession, account: Account, wish: UserPatch, by: Caller
) -> None:
    rights, before = (shown(wish.roles), shown(wish.territory)), account.roles
    if rights == (account.roles, account.territory):
        return
    if account.id == by.sub:
        raise OwnRights()
    owner = await Users(session).organisation_of(account)
    _give(Gift(owner, wish.roles, wish.territory), by)
    async with kept(session):
        account.roles, account.territory = rights
    await cut_off(session, f"sub:{account.id}")
    rights_changed(session, account, before=before)
