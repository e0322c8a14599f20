"""What a person is written about their account."""

from chassis.db import AsyncSession
from chassis.vault import Vault
from gateway.accounts import codes
from gateway.accounts.models import Account, CodePurpose
from gateway.notices import service as notices
from gateway.notices.models import NoticeKind
from gateway.notices.schemas import Content
from gateway.users import addresses

_CODES = {
    NoticeKind.INVITATION: CodePurpose.INVITATION,
    NoticeKind.PASSWORD_RESET: CodePurpose.PASSWORD_RESET,
}


async def send_code(
    session: AsyncSession, account: Account, kind: NoticeKind, *, vault: Vault
) -> None:
    """A code that opens the account, to its address and to nobody else; an earlier one is void."""
    code = await codes.issue(session, account.id, _CODES[kind])
    write_to(session, account, kind, vault=vault, code=code)


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
    content = Content(to=to, name=account.full_name, language=account.language, code=code)
    notices.tell(session, kind, account, content, vault=vault)
