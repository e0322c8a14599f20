"""What the registry hears from the gateway: who works on files, where, and who does no more."""

from pydantic import BaseModel, ConfigDict

from chassis.db import AsyncSession
from chassis.inbox import Fact
from services.registry.agents.models import Agent
from services.registry.agents.repository import Agents
from services.registry.desk.records import free
from services.registry.scopes import AGENT_SCOPES


class RightsChanged(BaseModel):
    """The part of the fact that concerns us."""

    model_config = ConfigDict(extra="ignore")

    user_id: str
    organisation_id: str
    scopes: list[str]
    territory: list[str]


async def rights_changed(session: AsyncSession, fact: Fact) -> None:
    """Somebody left, or works elsewhere or on something else: what they may no longer hold is
    free for their colleagues at once."""
    said = RightsChanged.model_validate(fact.data)
    agent = Agent(
        sub=said.user_id,
        organisation_id=said.organisation_id,
        scopes=sorted(set(said.scopes).intersection(AGENT_SCOPES)),
        territories=sorted(said.territory),
        seen_at=fact.time,
        told_at=fact.time,
    )
    await free(session, agent)  # first the desk, then the agent: as whoever takes a file does
    await Agents(session).tell(agent)


HEARS = {"sn.mboolo.gateway.agent.rights_changed.v1": rights_changed}
