"""Places and codes, found."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run
from services.registry.code_lists.models import CodeEntry, Division

_DIVISION = text("select code, level, parent_code, name, path from division where code = :code")
_KNOWN = text("select code from code_entry where list_name = :name and code = any(:codes)")


class Divisions:
    """The administrative divisions of Senegal."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, code: str) -> Division | None:
        """Any place, or None. One transaction asks for the same one several times."""
        kept: dict[str, Division | None] = self.session.info.setdefault("divisions", {})
        if code not in kept:
            found = (await run(self.session, _DIVISION, {"code": code})).one_or_none()
            kept[code] = Division(**dict(found)) if found else None
        return kept[code]

    async def commune(self, code: str) -> Division | None:
        """The commune `code`, or None for anything that is not a commune."""
        found = await self.find(code)
        return found if found is not None and found.level == "commune" else None

    async def authority(self, code: str) -> Division | None:
        """The authority `code`, a département; None for anything else."""
        found = await self.find(code)
        return found if found is not None and found.level == "departement" else None

    async def all(self) -> Sequence[Division]:
        """Every place, by code."""
        return (await self.session.exec(select(Division).order_by(col(Division.code)))).all()


class Codes:
    """Entries of the flat lists."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_list(self, name: str) -> Sequence[CodeEntry]:
        """The entries of one list, by code."""
        query = select(CodeEntry).where(CodeEntry.list_name == name)
        return (await self.session.exec(query.order_by(col(CodeEntry.code)))).all()

    async def entry(self, name: str, code: str) -> CodeEntry | None:
        """One entry of a list."""
        return await self.session.get(CodeEntry, (name, code))

    async def known(self, name: str, codes: Sequence[str]) -> set[str]:
        """Those of `codes` that the list has."""
        row = {"name": name, "codes": list(codes)}
        return set((await run(self.session, _KNOWN, row)).scalars()) if codes else set()
