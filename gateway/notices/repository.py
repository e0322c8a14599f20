"""Letters, kept and found."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.repository import Repository
from gateway.notices.models import Notice
from gateway.notices.schemas import NoticeFilter


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
