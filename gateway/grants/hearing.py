"""What the gateway hears from the registry: which cooperative is whose, so that nobody lends what
is not theirs."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.inbox import Fact, Heard
from chassis.sql import run

# As it was last told; harmless when repeated.
_PUT = text(
    "insert into known_cooperative (id, organisation_id, name)"
    " values (:cooperative_id, :organisation_id, :name)"
    " on conflict (id) do update set organisation_id = excluded.organisation_id,"
    " name = excluded.name"
)


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")

    cooperative_id: UUID
    organisation_id: str
    name: str


async def cooperative_told(session: AsyncSession, fact: Fact) -> None:
    """The registry told what a cooperative now is."""
    await run(session, _PUT, _Told.model_validate(fact.data).model_dump())


HEARS: dict[str, Heard] = {
    "sn.mboolo.registry.cooperative.registered.v1": cooperative_told,
    "sn.mboolo.registry.cooperative.changed.v1": cooperative_told,
    "sn.mboolo.registry.cooperative.struck_off.v1": cooperative_told,
}
