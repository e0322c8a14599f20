"""Decisions, found with what they brought into being."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registry.cooperatives.models import Certificate, Cooperative
from services.registry.decisions.models import Decision
from services.registry.history.models import Effect

Found = tuple[Decision, Cooperative | None, Certificate | None]


async def of_filing(session: AsyncSession, id: UUID) -> Found | None:
    """The decision on a filing; after an approval with its cooperative and certificate, if any."""
    query = (
        select(Decision, Cooperative, Certificate)
        .outerjoin(Effect, col(Effect.filing_id) == col(Decision.filing_id))
        .outerjoin(Cooperative, col(Cooperative.id) == col(Effect.cooperative_id))
        .outerjoin(Certificate, col(Certificate.filing_id) == col(Decision.filing_id))
        .where(Decision.filing_id == id)
    )
    found: Found | None = (await session.exec(query)).one_or_none()
    return found
