"""Tools, programmes and policies, found."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training.tools.models import Policy, Programme, ProgrammeVersion, Tool, ToolVersion
from services.training.tools.schemas import OfferTerms, YouthAge

M = TypeVar("M", bound=SQLModel)


class Catalogue:
    """What can be taught."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def version(self, id: UUID) -> ProgrammeVersion | None:
        """The programme version, or None."""
        return await self.session.get(ProgrammeVersion, id)

    async def programme(self, code: str) -> Programme:
        """The programme of a version that we hold: it always exists."""
        return await self.session.get_one(Programme, code)

    async def tools(self, after: str, limit: int) -> Sequence[Tool]:
        """Tools by code; one more than `limit`."""
        query = select(Tool).where(col(Tool.code) > after).order_by(col(Tool.code))
        return (await self.session.exec(query.limit(limit + 1))).all()

    async def programmes(self, after: str, limit: int) -> Sequence[Programme]:
        """Programmes by code; one more than `limit`."""
        query = select(Programme).where(col(Programme.code) > after)
        return (await self.session.exec(query.order_by(col(Programme.code)).limit(limit + 1))).all()

    async def tool_versions(
        self, tool_code: str | None, after: UUID | None, limit: int
    ) -> Sequence[ToolVersion]:
        """Editions, oldest first; one more than `limit`."""
        query = select(ToolVersion).order_by(col(ToolVersion.id)).limit(limit + 1)
        if tool_code is not None:
            query = query.where(ToolVersion.tool_code == tool_code)
        if after is not None:
            query = query.where(col(ToolVersion.id) > after)
        return (await self.session.exec(query)).all()

    async def programme_versions(
        self, programme_code: str | None, after: UUID | None, limit: int
    ) -> Sequence[ProgrammeVersion]:
        """Programme versions, oldest first; one more than `limit`."""
        query = select(ProgrammeVersion).order_by(col(ProgrammeVersion.id)).limit(limit + 1)
        if programme_code is not None:
            query = query.where(ProgrammeVersion.programme_code == programme_code)
        if after is not None:
            query = query.where(col(ProgrammeVersion.id) > after)
        return (await self.session.exec(query)).all()


class Policies:
    """Numbers in force on a day."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def youth_age(self, on: date) -> YouthAge:
        """Who counted as young on that day."""
        return YouthAge.model_validate(await self._value("YOUTH_AGE", on))

    async def offer_terms(self, on: date) -> OfferTerms:
        """How seats were offered on that day."""
        return OfferTerms.model_validate(await self._value("SEAT_OFFER", on))

    async def _value(self, code: str, on: date) -> Mapping[str, object]:
        query = (
            select(Policy.value)
            .where(Policy.code == code, col(Policy.valid_from) <= on)
            .order_by(col(Policy.valid_from).desc())
            .limit(1)
        )
        return (await self.session.exec(query)).one()
