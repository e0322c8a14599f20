"""Acts on accounts: invited again, suspended, let in again, reset, gone."""

from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.vault import Vault
from chassis.versions import expect
from gateway.accounts import second_factor
from gateway.accounts.models import Account
from gateway.administrators import kept
from gateway.audit.service import note
from gateway.issuer.endings import end_person
from gateway.notices import service as notices
from gateway.notices.models import NoticeKind
from gateway.users import addresses
from gateway.users.letters import send_code, write_to
from gateway.users.records import rights_changed
from gateway.users.schemas import ActWrite
from gateway.users.service import alone, target
from gateway.users.states import LIFE, UserAction

_OF_RIGHTS = (UserAction.SUSPEND, UserAction.REACTIVATE, UserAction.LEAVE)


async def act(
    session: AsyncSession,
    id: str,
    action: UserAction,
    said: ActWrite,
    *,
    version: int | None,
    by: Caller,
    vault: Vault,
) -> Account:
    """Suspend, reactivate, invite again, reset, or let go; what a person held ends at once."""
    account = await alone(session, id, by)
    expect(version, account.version)
    async with kept(session):
        account.status = LIFE.move(account.status, action)
    account.version += 1
    await _EFFECTS[action](session, account, vault)
    if action in _OF_RIGHTS:
        rights_changed(session, account)
    note(session, f"USER_{action}", target(account), by=by, reason=said.reason.value)
    return account


async def _reinvite(session: AsyncSession, account: Account, vault: Vault) -> None:
    await send_code(session, account, NoticeKind.INVITATION, vault=vault)


async def _reset_password(session: AsyncSession, account: Account, vault: Vault) -> None:
    await send_code(session, account, NoticeKind.PASSWORD_RESET, vault=vault)


async def _reset_second_factor(session: AsyncSession, account: Account, vault: Vault) -> None:
    await _forget_second_factor(session, account)
    await _end(session, account, "SECOND_FACTOR_RESET")
    write_to(session, account, NoticeKind.SECOND_FACTOR_RESET, vault=vault)


async def _forget_second_factor(session: AsyncSession, account: Account) -> None:
    account.totp_sealed = account.totp_pending = None
    await session.flush()
    await second_factor.turn_off(session, account.id)


async def _end(session: AsyncSession, account: Account, reason: str) -> None:
    await end_person(session, account.id, reason)
    await notices.withdraw(session, account.id)


async def _suspend(session: AsyncSession, account: Account, _: Vault) -> None:
    await _end(session, account, "SUSPENDED")


async def _reactivate(_session: AsyncSession, _account: Account, _vault: Vault) -> None:
    """Whoever comes back signs in anew."""


async def _leave(session: AsyncSession, account: Account, _: Vault) -> None:
    addresses.forget(account)
    account.password_hash = None
    await _forget_second_factor(session, account)
    await _end(session, account, "LEFT")


_EFFECTS = {
    UserAction.REINVITE: _reinvite,
    UserAction.RESET_PASSWORD: _reset_password,
    UserAction.RESET_SECOND_FACTOR: _reset_second_factor,
    UserAction.SUSPEND: _suspend,
    UserAction.REACTIVATE: _reactivate,
    UserAction.LEAVE: _leave,
}
