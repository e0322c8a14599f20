"""Letters, kept and found."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from chassis.repository import Repository
from chassis.sql import count, run
from gateway.notices.models import Notice, NoticeKind, NoticeStatus
from gateway.notices.schemas import NoticeFilter

_CLAIM = text(
    """
    update notice set attempts = attempts + 1, due_at = :until where id = (
      select id from notice where due_at <= :now order by due_at limit 1 for update skip locked)
    returning id
    """
)
# Whoever's lease ran out meanwhile may find it settled by another: the first word stands.
_SETTLE = text(
    "update notice set status = :status, content_sealed = null, due_at = null,"
    " last_error = :error, settled_at = :now where id = :id and status = 'WAITING'"
)
_POSTPONE = text(
    "update notice set due_at = :due_at, last_error = :error where id = :id and status = 'WAITING'"
)
_SUPERSEDE = text(
    "update notice set status = 'GIVEN_UP', content_sealed = null, due_at = null,"
    " last_error = 'SUPERSEDED', settled_at = :now where account_id = :account_id"
    " and status = 'WAITING' and kind = any(cast(:kinds as text[]))"
)
_EXPIRE = text(
    "update notice set status = 'GIVEN_UP', content_sealed = null, due_at = null,"
    " last_error = 'EXPIRED', settled_at = :now where status = 'WAITING' and expires_at <= :now"
)
_FORGET = text(
    "delete from notice where id in (select id from notice where settled_at < :before limit 5000)"
)


class Notices(Repository[Notice]):
    """All letters."""

    model = Notice
    aggregate = "notice"

    async def page(
        self, wanted: NoticeFilter, *, after: UUID | None, limit: int
    ) -> Sequence[Notice]:
        """Those that match every filter that is set, newest first; one more than `limit`."""
        query = select(Notice)
        for name, value in wanted.model_dump(exclude_none=True).items():
            query = query.where(getattr(Notice, name) == value)
        if after is not None:
            query = query.where(col(Notice.id) < after)
        query = query.order_by(col(Notice.id).desc()).limit(limit + 1)
        return (await self.session.exec(query)).all()

    async def claim(self, now: datetime, lease: timedelta) -> Notice | None:
        """A letter that is due, for as long as the lease lasts."""
        row = {"now": now, "until": now + lease}
        found = (await run(self.session, _CLAIM, row)).scalar_one_or_none()
        return await self.session.get(Notice, found) if found else None

    async def settle(
        self, id: UUID, status: NoticeStatus, now: datetime, error: str | None
    ) -> None:
        """Sent or given up: what it said is dropped."""
        row = {"id": id, "status": status.value, "now": now, "error": error}
        await run(self.session, _SETTLE, row)

    async def postpone(self, id: UUID, due_at: datetime, error: str) -> None:
        """To be tried again then."""
        await run(self.session, _POSTPONE, {"id": id, "due_at": due_at, "error": error})

    async def supersede(self, account_id: str, kinds: Sequence[NoticeKind], now: datetime) -> None:
        """Letters that wait and say what no longer holds do not go out."""
        await self.session.flush()
        row = {"account_id": account_id, "kinds": [kind.value for kind in kinds], "now": now}
        await run(self.session, _SUPERSEDE, row)

    async def expire(self, now: datetime) -> int:
        """Give up what waits and comes too late, also where no letter goes out; how many."""
        return await count(self.session, _EXPIRE, {"now": now})

    async def forget(self, before: datetime) -> int:
        """Delete a batch that was settled before; how many."""
        return await count(self.session, _FORGET, {"before": before})
