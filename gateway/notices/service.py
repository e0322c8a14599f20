"""Letters to persons: written down with the act that wants them, sent after its commit."""

from collections.abc import Sequence
from datetime import timedelta

from chassis import clock
from chassis.db import AsyncSession
from chassis.ids import new_id
from chassis.vault import Vault
from gateway.accounts.codes import LIFETIMES
from gateway.accounts.models import Account, CodePurpose
from gateway.notices.models import Notice, NoticeKind
from gateway.notices.repository import Notices
from gateway.notices.schemas import Content

WITH_CODE = (
    NoticeKind.INVITATION,
    NoticeKind.PASSWORD_RESET,
    NoticeKind.ADDRESS_CONFIRMATION,
)
_NEWS = timedelta(days=3)  # a letter without a code; later it would only confuse
_USEFUL = {
    NoticeKind.INVITATION: LIFETIMES[CodePurpose.INVITATION],
    NoticeKind.PASSWORD_RESET: LIFETIMES[CodePurpose.PASSWORD_RESET],
    NoticeKind.ADDRESS_CONFIRMATION: LIFETIMES[CodePurpose.ADDRESS_CHANGE],
}


def tell(
    session: AsyncSession, kind: NoticeKind, account: Account, content: Content, *, vault: Vault
) -> Notice:
    """Have a letter sent once this transaction has committed, and never if it does not."""
    id, now = new_id(), clock.now()
    return Notices(session).add(
        Notice(
            id=id,
            kind=kind,
            account_id=account.id,
            content_sealed=vault.seal(content.model_dump_json(), context(id)),
            created_at=now,
            due_at=now,
            expires_at=now + _USEFUL.get(kind, _NEWS),
        )
    )


async def withdraw(
    session: AsyncSession, account_id: str, kinds: Sequence[NoticeKind] = WITH_CODE
) -> None:
    """Letters that wait with a code that opens nothing any more do not go out."""
    await Notices(session).supersede(account_id, kinds, clock.now())


def context(id: object) -> str:
    """For what place the content of a letter is sealed."""
    return f"notice:{id}"
