"""What the registry hears from training."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.db import AsyncSession
from chassis.inbox import Fact
from services.registry.initiatives.repository import Initiatives


class DelegationCompleted(BaseModel):
    """The part of the fact that concerns us."""

    model_config = ConfigDict(extra="ignore")

    initiative_id: UUID | None = None
    outcome: str


async def delegation_completed(session: AsyncSession, fact: Fact) -> None:
    """A group finished its training: its initiative is ready to be registered."""
    said = DelegationCompleted.model_validate(fact.data)
    if said.initiative_id is None or said.outcome != "ACHIEVED":
        return
    initiative = await Initiatives(session).row(said.initiative_id)
    if initiative is not None and initiative.trained_at is None:
        initiative.trained_at = fact.time
        initiative.version += 1


HEARS = {"sn.mboolo.training.delegation.completed.v1": delegation_completed}
