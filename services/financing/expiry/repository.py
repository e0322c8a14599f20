"""What is past its time, found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run

_DUE = text(
    """
    select application_id from assignment
      where status in ('SENT', 'ACKNOWLEDGED', 'INFO_REQUESTED')
        and (decision_due_at < :now or (status = 'SENT' and ack_due_at < :now))
    union select application_id from offer where status = 'LIVE' and valid_until < :now
    union select application_id from financing
      where status = 'ACCEPTED' and contract_due_at < :now
    union select id from application
      where status = 'CHANGES_REQUESTED' and corrections_due_at < :now
    limit 100
    """
)


async def applications_due(session: AsyncSession, now: datetime) -> list[UUID]:
    """Up to a hundred applications in which something ended before `now`."""
    return list((await run(session, _DUE, {"now": now})).scalars())
