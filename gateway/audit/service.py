"""Writing the audit trail, in the transaction of the act."""

from dataclasses import dataclass
from typing import Any

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.ids import new_id
from gateway.audit.models import AuditEntry
from gateway.audit.repository import AuditEntries

# Who acts from the command line of the server: whoever holds the database's password.
OPERATOR = Caller("operator", "command-line", "operator", frozenset(), frozenset(), frozenset())


@dataclass(frozen=True)
class Target:
    """What an act was done to; `organisation_id` is whose it is."""

    kind: str
    id: str
    organisation_id: str | None = None


def note(session: AsyncSession, act: str, target: Target, *, by: Caller, **details: Any) -> None:
    """Remember an act: it is written if and only if the act is."""
    AuditEntries(session).add(
        AuditEntry(
            id=new_id(),
            at=clock.now(),
            act=act,
            target_kind=target.kind,
            target_id=target.id,
            organisation_id=target.organisation_id,
            by_sub=by.sub,
            by_client_id=by.client_id,
            by_organisation_id=by.organisation_id,
            details=details,
        )
    )
