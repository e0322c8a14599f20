"""How long things are kept."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registry.retention.models import RetentionRule


async def days_of(session: AsyncSession, code: str) -> int:
    """The days of a period."""
    found = await session.get(RetentionRule, code)
    if found is None:
        raise LookupError(f"no period is called {code}: was the reference data loaded?")
    return found.days
