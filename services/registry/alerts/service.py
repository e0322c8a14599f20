"""Alerts, computed for one who asks and kept fresh for lists. Nothing here changes a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import structlog

from chassis import clock
from chassis.db import AsyncSession, hold
from chassis.ids import new_id
from services.registry.alerts import repository
from services.registry.alerts.models import Alert
from services.registry.alerts.rules import Reading, activity, raised, readings
from services.registry.cooperatives.models import Cooperative
from services.registry.events import AlertBegan, AlertEnded, outbox
from services.registry.history.models import Effect
from services.registry.history.repository import happening
from services.registry.history.rules import state_on
from services.registry.law.repository import law_on
from services.registry.law.rules import Law
from services.registry.standing import Standing

log = structlog.get_logger()
BATCH = 50
_LATEST = date(2200, 1, 1)  # no day of a record is later


@dataclass(frozen=True)
class Seen:
    """A cooperative on a day, with the law of that day and form."""

    standing: Standing
    law: Law
    revision: int


async def look(
    session: AsyncSession, id: UUID, on: date, known_at: datetime | None = None
) -> Seen | None:
    """The record on a day, as known at an instant; None when it was not there."""
    effects = (await repository.effects_of_all(session, [id]))[id]
    known = [one for one in effects if known_at is None or one.recorded_at <= known_at]
    end_of_day = datetime.combine(min(on, _LATEST) + timedelta(days=1), time(), UTC)
    until = end_of_day if known_at is None else min(end_of_day, known_at)
    sent = await repository.sent(session, [id], until)
    return _seen(known, on, sent.get(id), await law_on(session, on, None))


def _seen(known: Sequence[Effect], on: date, sent_on: date | None, law: Law) -> Seen | None:
    happenings = tuple(happening(one) for one in known)
    state = state_on(happenings, on)
    if not state.is_begun:
        return None
    seen = Standing(on, state, happenings, sent_on)
    return Seen(seen, law.of(str(state.fields.get("legal_form"))), known[-1].revision)


async def keep_alerts(app: Any) -> int:
    """The timer's part: one batch of cooperatives not yet looked at today; how many those were."""
    async with app.state.database.transaction() as session:
        ids = await repository.due(session, clock.today(), BATCH)
        return await refresh(session, ids) if ids else 0


async def refresh(session: AsyncSession, ids: Sequence[UUID]) -> int:
    """Look at these again, if nobody did meanwhile; only what changed is written and told."""
    await hold(session, *(f"cooperative/{id}" for id in ids))
    today = clock.today()
    left = await repository.due(session, today, len(ids), among=ids)
    effects = await repository.effects_of_all(session, left)
    sent = await repository.sent(session, left, clock.now())
    kept = await repository.standing(session, left)
    law = await law_on(session, today, None)
    for row in await repository.rows_of(session, left):
        mine = {one.code: one for one in kept if one.cooperative_id == row.id}
        axis = None
        try:
            seen = _seen(effects[row.id], today, sent.get(row.id), law)
            found = readings(seen.standing, seen.law) if seen else []
            axis = activity(found, seen.law) if seen else None
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            # one record that cannot be read must not hide the others
            log.error("alerts_refused", cooperative_id=str(row.id), error=type(error).__name__)
        else:
            _tell(session, row, mine, raised(found))
        await repository.put(session, row.id, axis, today=today, revision=row.version)
    return len(left)


def _tell(
    session: AsyncSession, row: Cooperative, kept: dict[Any, Alert], now: Sequence[Reading]
) -> None:
    standing = {one.code: one for one in now}
    told = {"cooperative_id": row.id, "organisation_id": row.organisation_id}
    for code, old in kept.items():
        if code not in standing:
            old.ended_at = clock.now()
            outbox.publish(session, row.id, AlertEnded(**told, code=code.value))
    for code, one in standing.items():
        since, params = one.told.since or clock.today(), dict(one.told.params)
        before = kept.get(code)
        if before is None:
            session.add(
                Alert(id=new_id(), cooperative_id=row.id, code=code, since=since, params=params,
                      noticed_at=clock.now())
            )  # fmt: skip
            began = AlertBegan(**told, code=code.value, since=since)
            outbox.publish(session, row.id, began)
        elif (before.since, before.params) != (since, params):
            before.since, before.params = since, params
