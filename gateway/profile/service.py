"""What persons may change about themselves."""

from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.versions import expect
from gateway.accounts.models import Account
from gateway.audit.service import note
from gateway.profile.schemas import ProfilePatch
from gateway.users.repository import Users
from gateway.users.service import target
from gateway.users.states import LIFE, UserAction


async def edit(session: AsyncSession, wish: ProfilePatch, *, version: int, by: Caller) -> Account:
    """A person changes their own name or language."""
    account = await Users(session).lock(by.sub)
    expect(version, account.version)
    account.status = LIFE.move(account.status, UserAction.EDIT)
    for name, value in wish.model_dump(exclude_unset=True).items():
        setattr(account, name, value)
    account.version += 1
    fields = sorted(wish.model_fields_set)
    note(session, "PROFILE_EDITED", target(account), by=by, fields=fields)
    return account
