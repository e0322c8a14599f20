"""Changes that were decided and not yet declared."""

from datetime import date
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registry.acts import decided_in_time
from services.registry.fields import FilingType
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.formalities import FORMALITIES
from services.registry.obligations.rules import Draft

# what an authority decides runs under no time limit of the cooperative, and may be a secret still
_DECLARED = [type for type, one in FORMALITIES.items() if decided_in_time in one.rules]


async def drafts_of(session: AsyncSession, cooperative_id: UUID) -> list[Draft]:
    """Drafts of what a cooperative declares that say when it decided it."""
    query = select(Filing).where(
        Filing.cooperative_id == cooperative_id,
        col(Filing.status) == FilingStatus.DRAFT,
        col(Filing.type).in_(_DECLARED),
    )
    rows = (await session.exec(query.order_by(col(Filing.id)).limit(100))).all()
    return [
        Draft(row.id, FilingType(row.type), date.fromisoformat(decided))
        for row in rows
        if isinstance(decided := row.payload.get("decided_on"), str)
    ]
