"""Changes that were decided and not yet declared."""

from datetime import date
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registry.fields import FilingType
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.obligations.rules import Draft


async def drafts_of(session: AsyncSession, cooperative_id: UUID) -> list[Draft]:
    """Drafts about a cooperative that say when their change was decided."""
    query = select(Filing).where(
        Filing.cooperative_id == cooperative_id, col(Filing.status) == FilingStatus.DRAFT
    )
    rows = (await session.exec(query.order_by(col(Filing.id)).limit(100))).all()
    return [
        Draft(row.id, FilingType(row.type), date.fromisoformat(decided))
        for row in rows
        if isinstance(decided := row.payload.get("decided_on"), str)
    ]
