"""Agents, found and kept."""

from datetime import timedelta

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
    " where agent.told_at is null or agent.told_at < :settled"
)
_TELL = text(
    "insert into agent (sub, organisation_id, scopes, territories, seen_at, told_at)"
    " values (:sub, :organisation_id, :scopes, :territories, :told_at, :told_at)"
    " on conflict (sub) do update set organisation_id = excluded.organisation_id,"
    " scopes = excluded.scopes, territories = excluded.territories, told_at = excluded.told_at"
)
# A token for this service lives for a minute: after twice that none speaks of what was before.
_TOKENS_LIVE = timedelta(minutes=2)


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
        now = clock.now()
        row = {"sub": by.sub, "organisation_id": by.organisation_id, "seen_at": now}
        row |= {"scopes": scopes, "territories": territories, "settled": now - _TOKENS_LIVE}
        await run(self.session, _MEET, row)

    async def tell(self, agent: Agent) -> None:
        """Remember what the gateway says of an agent, whether or not they ever came."""
        await run(self.session, _TELL, agent.model_dump(exclude={"seen_at"}))
