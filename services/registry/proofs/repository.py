"""Certificates, found by their code."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.errors import NotFound
from services.registry.cooperatives.models import Certificate, Cooperative


async def by_code(session: AsyncSession, code: str) -> tuple[Certificate, Cooperative]:
    """The certificate that carries `code`, and its cooperative as it is now."""
    query = select(Certificate, Cooperative).where(
        Certificate.cooperative_id == Cooperative.id, Certificate.verification_code == code
    )
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound()
    return found
