"""Observations, kept and found."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training.attendance.models import AttendanceEvent


class Attendance:
    """All observations."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def by_ids(self, ids: Collection[UUID]) -> dict[UUID, AttendanceEvent]:
        """Those of `ids` that we have, whatever their session."""
        query = select(AttendanceEvent).where(col(AttendanceEvent.client_event_id).in_(ids))
        return {row.client_event_id: row for row in (await self.session.exec(query)).all()}

    async def of_session(self, id: UUID) -> Sequence[AttendanceEvent]:
        """All observations of a session."""
        query = select(AttendanceEvent).where(AttendanceEvent.training_session_id == id)
        return (await self.session.exec(query)).all()

    async def of_enrolments(self, ids: Collection[UUID]) -> Sequence[AttendanceEvent]:
        """All observations of these learners."""
        query = select(AttendanceEvent).where(col(AttendanceEvent.enrolment_id).in_(ids))
        return (await self.session.exec(query)).all()
