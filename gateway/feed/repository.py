"""Events of organisations, kept and read in commit order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import count, run

Place = tuple[str, int]
_KEEP = text(
    "insert into organisation_event"
    " (id, organisation_id, source, type, subject, time, data, kept_at) values"
    " (:id, :organisation_id, :source, :type, :subject, :time, cast(:data as jsonb), :kept_at)"
    " on conflict (id) do nothing"
)
# What a transaction still running may yet precede is not shown: nobody's cursor passes it by.
_PAGE = text(
    "select id, source, type, subject, time, data, xid::text as xid, pos from organisation_event"
    " where organisation_id = :organisation_id and xid < pg_snapshot_xmin(pg_current_snapshot())"
    " and (xid, pos) > (cast(cast(:xid as text) as xid8), cast(:pos as bigint))"
    " order by xid, pos limit :limit"
)
_PLACE = text(
    "select xid::text as xid, pos from organisation_event"
    " where id = :id and organisation_id = :organisation_id"
)
_FORGET = text(
    "delete from organisation_event where id in"
    " (select id from organisation_event where kept_at < :before order by kept_at limit 5000)"
)
BEGINNING: Place = ("0", 0)


class OrganisationEvents:
    """All that was told to organisations."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def keep(self, row: dict[str, Any], at: datetime) -> None:
        """An event for one organisation; harmless when repeated."""
        told = {**row, "data": orjson.dumps(row["data"]).decode(), "kept_at": at}
        await run(self.session, _KEEP, told)

    async def place(self, organisation_id: str, id: UUID) -> Place | None:
        """Where an event of this organisation stands; None where it has no such event."""
        row = {"id": id, "organisation_id": organisation_id}
        found = (await run(self.session, _PLACE, row)).one_or_none()
        return (found.xid, found.pos) if found else None

    async def page(self, organisation_id: str, *, after: Place, limit: int) -> Sequence[Any]:
        """Events of one organisation after a place, oldest first; one more than `limit`."""
        row = {"organisation_id": organisation_id, "xid": after[0], "pos": after[1]}
        return (await run(self.session, _PAGE, {**row, "limit": limit + 1})).all()

    async def forget(self, before: datetime) -> int:
        """Delete a batch that was kept before; how many."""
        return await count(self.session, _FORGET, {"before": before})
