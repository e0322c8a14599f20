"""Setting a password: what must be true before, what ends with it."""

from collections.abc import Collection
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.vault import Vault
from gateway.accounts import codes, password_rules
from gateway.accounts.models import Account, AccountStatus, CodePurpose
from gateway.audit.service import note
from gateway.issuer import endings
from gateway.notices.models import NoticeKind
from gateway.signin import attempts, proving
from gateway.signin.browser import Browser
from gateway.signin.forms import Form
from gateway.signin.telling import themselves
from gateway.users.letters import write_to
from gateway.users.repository import Users
from gateway.users.service import target
from gateway.users.states import LIFE, UserAction

Faults = tuple[str, ...]
_WRONG_CODE: Faults = ("code_wrong",)


def found(form: Form, about: Collection[str]) -> Faults:
    """What is wrong with the password that a form brings, twice."""
    password = form.fields.get("password", "")
    if password != form.fields.get("again", ""):
        return ("password_differs",)
    return tuple(password_rules.faults(password, about))


async def by_code(state: Any, form: Form, code: str, purposes: Collection[CodePurpose]) -> Faults:
    """Set the password of whose code it is; faults, of which nothing comes."""
    browser = form.desk.browser
    async with state.database.transaction() as session:
        counts = proving.counts_of(state.vault, browser, "", None)
        is_open = await attempts.attempt(session, counts.address, counts.per_address)
        whose = await codes.owner(session, code, purposes) if is_open else None
        account = await session.get(Account, whose.account_id) if whose else None
    if account is None or account.status not in (AccountStatus.INVITED, AccountStatus.ACTIVE):
        return _WRONG_CODE
    faults = found(form, (account.username, account.full_name))
    if faults:
        return faults
    hashed = await state.passwords.hash(form.fields["password"])
    async with state.database.transaction() as session:
        account = await Users(session).lock(account.id)
        if await codes.redeem(session, code, purposes) is None:
            return _WRONG_CODE
        is_first = account.status == AccountStatus.INVITED
        await _set(session, account, hashed, counts=counts_for(state, browser, account))
        if not is_first:
            write_to(session, account, NoticeKind.PASSWORD_CHANGED, vault=state.vault)
        await attempts.forgive(session, counts.address)
    return ()


def counts_for(state: Any, browser: Browser, account: Account) -> proving.Counts:
    """Where attempts at the person's name are counted."""
    return proving.counts_of(state.vault, browser, account.username, account.id)


async def _set(
    session: AsyncSession, account: Account, hashed: str, *, counts: proving.Counts
) -> None:
    if account.status == AccountStatus.INVITED:
        account.status = LIFE.move(account.status, UserAction.ACTIVATE)
        account.version += 1
        act = "USER_ACTIVATED"
    else:
        act = "PASSWORD_RESET"
    account.password_hash = hashed
    await endings.end_person(session, account.id, act)
    await codes.void(session, account.id)
    await attempts.forget(session, *counts.of_name)
    note(session, act, target(account), by=themselves(account))


async def change(
    session: AsyncSession, account: Account, hashed: str, *, but: str, vault: Vault
) -> None:
    """A new password by who knows the old one; every other browser is signed out."""
    account.password_hash = hashed
    await endings.end_others(session, account.id, but, "PASSWORD_CHANGED")
    await codes.void(session, account.id)
    write_to(session, account, NoticeKind.PASSWORD_CHANGED, vault=vault)
    note(session, "PASSWORD_CHANGED", target(account), by=themselves(account))
