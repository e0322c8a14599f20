"""Places, found."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training.places.models import Division


class Places:
    """The administrative divisions of Senegal."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def commune(self, code: str) -> Division | None:
        """The commune `code`, or None for anything that is not a commune."""
        found = await self.session.get(Division, code)
        return found if found is not None and found.level == "commune" else None

    async def path(self, code: str) -> list[str]:
        """The place and all above it; a place that we do not know stands under the country."""
        found = await self.session.get(Division, code)
        return found.path if found is not None else [code, "SN"]
