"""Say it with the change: an event commits with the rows that make it true, or not at all.

`event_log` keeps every event for ever; `event_lane` says, per (consumer, aggregate), how far that
consumer has heard. Delivered means `seq < head`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.ids import new_id
from chassis.sql import run
from chassis.trace import current_traceparent

_WRITE = text(
    """
    with said as (
      insert into event_log (id, aggregate, seq, type, time, data, is_public, traceparent)
      select :id, :aggregate, coalesce(max(seq), 0) + 1, :type, :time, cast(:data as jsonb),
             :is_public, :traceparent
      from event_log where aggregate = :aggregate
      returning seq
    )
    insert into event_lane as lane (consumer, aggregate, head, tail, due)
    select consumer, :aggregate, 1, seq, clock_timestamp()
    from said, unnest(cast(:consumers as text[])) consumer
    on conflict (consumer, aggregate)
    do update set tail = excluded.tail,
      due = case when lane.dead_at is null then coalesce(lane.due, excluded.due) end
    """
)  # a new lane begins at 1: who subscribes late hears the whole life of what it hears of


class Event(BaseModel):
    """A fact. Subclasses name their `kind` (`registry.cooperative.registered`), the `about` word of
    their aggregate, whether the public stream shows them, and their fields: ids and codes, never
    personal data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ClassVar[str]
    about: ClassVar[str]
    is_public: ClassVar[bool] = False

    @classmethod
    def type(cls) -> str:
        """The CloudEvents type."""
        return f"sn.mboolo.{cls.kind}.v1"


class Outbox:
    """What one service tells: `listeners` maps an aggregate word to the processes that hear it.

    A listener hears whole aggregates and ignores the types it does not need, so that
    «seq = last + 1» proves that nothing is missing.
    """

    def __init__(self, listeners: Mapping[str, tuple[str, ...]]) -> None:
        self.listeners = listeners

    def publish(self, session: AsyncSession, subject: UUID | str, event: Event) -> None:
        """Say `event` about `subject` in this transaction; its aggregate must be held."""
        aggregate = f"{event.about}/{subject}"
        if aggregate not in session.info.get("held", ()):
            raise RuntimeError(f"hold {aggregate} before saying something about it")
        row = {
            "id": new_id(),
            "aggregate": aggregate,
            "type": event.type(),
            "time": clock.now(),
            "data": event.model_dump_json(),
            "is_public": event.is_public,
            "traceparent": current_traceparent(),
            "consumers": sorted(self.listeners[event.about]),
        }
        session.info.setdefault("events", []).append(row)


async def flush_events(session: AsyncSession) -> bool:
    """Write what was said, in aggregate order (lanes are locked in that order everywhere).

    Called once, just before the commit. True when somebody has something to hear.
    """
    said = cast(list[dict[str, Any]], session.info.pop("events", []))
    for row in sorted(said, key=lambda row: row["aggregate"]):
        await run(session, _WRITE, row)
    return bool(said)
