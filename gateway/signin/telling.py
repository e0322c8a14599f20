"""What a person changed about how they come in: written down, and written to them."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from gateway.accounts.models import Account
from gateway.audit.service import note
from gateway.notices.models import NoticeKind
from gateway.users.letters import write_to
from gateway.users.repository import Users
from gateway.users.service import target


def themselves(account: Account) -> Caller:
    """The person, at our own pages."""
    nothing: frozenset[str] = frozenset()
    return Caller(account.id, "sign-in", account.organisation_id, nothing, nothing, nothing)


async def tell(session: AsyncSession, state: Any, account_id: str, act: NoticeKind) -> None:
    """In the audit trail and, so that a stranger cannot do it unnoticed, by letter."""
    account = await Users(session).get(account_id)
    note(session, act.value, target(account), by=themselves(account))
    write_to(session, account, act, vault=state.vault)
