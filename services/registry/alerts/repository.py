"""Alerts, found and kept."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from chassis.owners import nearby, owned
from chassis.sql import run
from services.registry.alerts.models import Alert, Checked
from services.registry.alerts.states import Activity, AlertCode
from services.registry.cooperatives.models import Cooperative
from services.registry.formalities import FORMALITIES
from services.registry.history.models import Effect
from services.registry.scopes import AGENT_SCOPES, FILE, READ_MEMBERS

_DUE = text(
    "select c.id from cooperative c left join activity a on a.cooperative_id = c.id"
    " where (a.cooperative_id is null or a.revision <> c.version"
    "   or (c.life = 'REGISTERED' and a.checked_on <> :today))"
    " and (cast(:among as uuid[]) is null or c.id = any(cast(:among as uuid[])))"
    " order by c.id limit :most"
)
# what it sent itself: not what an agent entered of office, nor what a list said of it
_SENT = text(
    "select cooperative_id, max(submitted_at) as at from filing"
    " where cooperative_id = any(cast(:ids as uuid[])) and submitted_at <= :until"
    " and type = any(cast(:types as text[])) and origin is null"
    " group by cooperative_id"
)
_PUT = text(
    "insert into activity (cooperative_id, activity, checked_on, revision)"
    " values (:id, :activity, :today, :revision)"
    " on conflict (cooperative_id) do update set activity = excluded.activity,"
    " checked_on = excluded.checked_on, revision = excluded.revision"
)


async def due(
    session: AsyncSession, today: date, most: int, among: Collection[UUID] | None = None
) -> list[UUID]:
    """Cooperatives that were not looked at today, or whose record changed since, by id."""
    row = {"today": today, "most": most, "among": None if among is None else list(among)}
    return list((await run(session, _DUE, row)).scalars())


async def effects_of_all(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[Effect]]:
    """Everything that was approved about several cooperatives, each in order."""
    query = select(Effect).where(col(Effect.cooperative_id).in_(ids))
    found: dict[UUID, list[Effect]] = defaultdict(list)
    for one in (await session.exec(query.order_by(col(Effect.revision)))).all():
        found[one.cooperative_id].append(one)
    return found


async def sent(session: AsyncSession, ids: Collection[UUID], until: datetime) -> dict[UUID, date]:
    """When each last filed something, until an instant."""
    types = [type.value for type, formality in FORMALITIES.items() if formality.scope == FILE]
    row = {"ids": list(ids), "until": until, "types": types}
    rows: Sequence[Any] = (await run(session, _SENT, row)).all()
    return {id: at.astimezone(UTC).date() for id, at in rows}


async def standing(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Alert]:
    """The alerts that stand, as they are kept."""
    query = select(Alert).where(col(Alert.cooperative_id).in_(ids), col(Alert.ended_at).is_(None))
    return (await session.exec(query)).all()


async def rows_of(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Cooperative]:
    """The cooperatives, as they are now."""
    query = select(Cooperative).where(col(Cooperative.id).in_(ids)).order_by(col(Cooperative.id))
    return (await session.exec(query)).all()


async def put(
    session: AsyncSession, id: UUID, activity: Activity | None, *, today: date, revision: int
) -> None:
    """Write down that a cooperative was looked at."""
    value = activity.value if activity else None
    row = {"id": id, "activity": value, "today": today, "revision": revision}
    await run(session, _PUT, row)


async def sees_all(session: AsyncSession, id: UUID, caller: Caller | None) -> bool:
    """Whether the caller sees what is not public: it is their own, was lent to them, or lies in the
    territory where they are an agent."""
    if caller is None:
        return False
    ways = [
        owned(caller, col(Cooperative.organisation_id), col(Cooperative.id), FILE, READ_MEMBERS)
    ]
    if caller.has(*AGENT_SCOPES):
        ways.append(nearby(caller, col(Cooperative.path)))
    query = select(Cooperative.id).where(Cooperative.id == id, or_(*ways))
    return (await session.exec(query)).one_or_none() is not None


async def in_territory(
    session: AsyncSession,
    caller: Caller,
    *,
    code: AlertCode | None,
    activity: Activity | None,
    after: UUID | None,
    limit: int,
) -> Sequence[tuple[Alert, Cooperative, Activity | None]]:
    """Alerts that stand in the caller's territory, by id; one more than `limit`."""
    query = (
        select(Alert, Cooperative, Checked.activity)
        .join(Cooperative, col(Cooperative.id) == col(Alert.cooperative_id))
        .join(Checked, col(Checked.cooperative_id) == col(Alert.cooperative_id))
        .where(nearby(caller, col(Cooperative.path)), col(Alert.ended_at).is_(None))
    )
    if code is not None:
        query = query.where(Alert.code == code)
    if activity is not None:
        query = query.where(Checked.activity == activity)
    if after is not None:
        query = query.where(col(Alert.id) > after)
    rows: Sequence[Any] = (await session.exec(query.order_by(col(Alert.id)).limit(limit + 1))).all()
    return rows
