"""What is told of persons who work on filings, so that nobody waits for who is not there."""

from collections.abc import Collection, Sequence

from chassis.db import AsyncSession
from gateway.accounts.models import Account, AccountStatus
from gateway.events import AgentRightsChanged, outbox
from gateway.roles import ROLES

_ON_FILES = frozenset({"filings:review", "filings:decide", "filings:correct"})
_HERE = (AccountStatus.INVITED, AccountStatus.ACTIVE)


def rights_changed(session: AsyncSession, account: Account, *, before: Sequence[str] = ()) -> None:
    """Tell what an agent may do from now on; `before` are the roles they had. Nothing is told of
    anybody who never worked on filings. Whoever calls holds the person."""
    if not _scopes([*account.roles, *before]):
        return
    is_here = account.status in _HERE
    event = AgentRightsChanged(
        user_id=account.id,
        organisation_id=account.organisation_id,
        scopes=_scopes(account.roles) if is_here else [],
        territory=account.territory if is_here else [],
    )
    outbox.publish(session, account.id, event)


def _scopes(roles: Collection[str]) -> list[str]:
    return sorted(_ON_FILES.intersection(scope for role in roles for scope in ROLES[role]))
