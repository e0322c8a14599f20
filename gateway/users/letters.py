"""What a person is written about their account."""

from chassis.db import AsyncSession
from chassis.vault import Vault
from gateway.accounts import codes
from gateway.accounts.models import Account, CodePurpose, Organisation
from gateway.notices import service as notices
from gateway.notices.models import NoticeKind
from gateway.notices.schemas import Content
from gateway.users import addresses
from gateway.users.repository import Users

_CODES = {
    NoticeKind.INVITATION: CodePurpose.INVITATION,
    NoticeKind.PASSWORD_RESET: CodePurpose.PASSWORD_RESET,
}


async def send_code(
    session: AsyncSession, account: Account, kind: NoticeKind, *, vault: Vault
) -> None:
    """A code that opens the account, to its address and to nobody else; an earlier one is void."""
    await notices.withdraw(session, account.id, [kind])
    code = await codes.issue(session, account.id, _CODES[kind])
    write_to(session, account, kind, vault=vault, code=code)


async def confirm_address(
    session: AsyncSession, account: Account, address: str, *, vault: Vault
) -> None:
    """A code to an address that is not yet the account's; an earlier one is void."""
    kind = NoticeKind.ADDRESS_CONFIRMATION
    await notices.withdraw(session, account.id, [kind])
    code = await codes.issue(session, account.id, CodePurpose.ADDRESS_CHANGE)
    notices.tell(session, kind, account, _content(account, address, code=code), vault=vault)


def write_to(
    session: AsyncSession,
    account: Account,
    kind: NoticeKind,
    *,
    vault: Vault,
    code: str | None = None,
) -> None:
    """A letter to the address as it is now; accounts of the demonstration have none."""
    to = addresses.reveal(account, vault)
    if to is None:
        return
    notices.tell(session, kind, account, _content(account, to, code=code), vault=vault)


async def tell_managers(
    session: AsyncSession, owner: Organisation, client_name: str, *, vault: Vault
) -> None:
    """Whoever manages an organisation learns that one of its clients has a new key."""
    for account in await Users(session).managers_of(owner.id):
        to = addresses.reveal(account, vault)
        if to is not None:
            content = _content(account, to, subject=client_name)
            notices.tell(session, NoticeKind.KEY_ADDED, account, content, vault=vault)


def _content(account: Account, to: str, **more: str | None) -> Content:
    return Content(
        to=to,
        name=account.full_name,
        username=account.username,
        language=account.language,
        **more,
    )
