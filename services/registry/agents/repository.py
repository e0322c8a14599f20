"""Agents, found and kept."""

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.auth import Caller
from chassis.sql import run
from services.registry.agents.models import Agent
from services.registry.scopes import AGENT_SCOPES

_MEET = text(
    "insert into agent (sub, organisation_id, scopes, territories, seen_at)"
    " values (:sub, :organisation_id, :scopes, :territories, :seen_at)"
    " on conflict (sub) do update set organisation_id = excluded.organisation_id,"
    " scopes = excluded.scopes, territories = excluded.territories, seen_at = excluded.seen_at"
)


class Agents:
    """Everybody who came to the desk."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, sub: str) -> Agent | None:
        """The agent as last seen."""
        query = select(Agent).where(Agent.sub == sub).execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def meet(self, by: Caller) -> None:
        """Remember what an agent's token says; nothing is written while it says the same."""
        scopes, territories = sorted(by.scopes.intersection(AGENT_SCOPES)), sorted(by.territories)
        known = await self.find(by.sub)
        told = (by.organisation_id, scopes, territories)
        if known and (known.organisation_id, known.scopes, known.territories) == told:
            return
        row = {"sub": by.sub, "organisation_id": by.organisation_id, "seen_at": clock.now()}
        await run(self.session, _MEET, {**row, "scopes": scopes, "territories": territories})
