"""The audit trail, kept and searched."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.repository import Repository
from gateway.audit.models import AuditEntry
from gateway.audit.schemas import AuditFilter


class AuditEntries(Repository[AuditEntry]):
    """All entries."""

    model = AuditEntry
    aggregate = "audit_entry"

    async def page(
        self, wanted: AuditFilter, *, after: UUID | None, limit: int
    ) -> Sequence[AuditEntry]:
        """Those that match every filter that is set, newest first; one more than `limit`."""
        query = select(AuditEntry)
        for name, value in wanted.model_dump(exclude_none=True).items():
            query = query.where(getattr(AuditEntry, name) == value)
        if after is not None:
            query = query.where(col(AuditEntry.id) < after)
        query = query.order_by(col(AuditEntry.id).desc()).limit(limit + 1)
        return (await self.session.exec(query)).all()
