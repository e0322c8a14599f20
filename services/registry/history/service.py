"""How an approved filing becomes history: one effect added, the rectangles drawn anew."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from services.registry.filings.models import Filing
from services.registry.history import repository
from services.registry.history.models import CooperativeVersion, Effect, Mandate, Membership
from services.registry.history.repository import Drawn, effects_of, happening
from services.registry.history.rules import (
    Change,
    Happening,
    Part,
    State,
    Stretch,
    Timeline,
    states,
    timelines,
)
from services.registry.public_view import public_view

_TICK = timedelta(microseconds=1)
Names = Mapping[str, Mapping[str, str]]


async def happenings_of(session: AsyncSession, cooperative_id: UUID) -> tuple[Happening, ...]:
    """What was ever approved about a cooperative, as the fold sees it."""
    return tuple(happening(one) for one in await effects_of(session, cooperative_id))


async def enter(
    session: AsyncSession,
    filing: Filing,
    cooperative_id: UUID,
    changes: Sequence[Change],
    *,
    effective_on: date,
    corrects: int | None = None,
) -> Effect:
    """Write the effect of an approved filing. The cooperative is held; its row and the rows of
    every person that `changes` name are there."""
    before = await effects_of(session, cooperative_id)
    effect = Effect(
        filing_id=filing.id,
        cooperative_id=cooperative_id,
        revision=len(before) + 1,
        formality=filing.type,
        effective_on=effective_on,
        corrects=corrects,
        changes=[one.kept() for one in changes],
        recorded_at=await _after(session, before),
    )
    session.add(effect)
    await session.flush()
    return effect


async def _after(session: AsyncSession, before: Sequence[Effect]) -> datetime:
    # two filings are never known at the same instant, whatever a clock says; and what is shown may
    # be drawn anew by a migration, at an instant of its own that is ahead of this clock
    if not before:
        return clock.now()
    last = before[-1]
    shown = await repository.last_shown(session, last.cooperative_id)
    return max(clock.now(), max(last.recorded_at, shown or last.recorded_at) + _TICK)


async def draw(
    session: AsyncSession, happenings: Sequence[Happening], names: Names, *, by: Effect
) -> State:
    """Redraw what the effect `by`, the last of the `happenings`, made different; the record as it
    now is. `names` are of the persons who hold or held a mandate."""
    line = days_of(states(happenings))
    public = [
        Stretch(day, until, public_view(by.cooperative_id, state, names))
        for day, until, state in line
    ]
    await _redraw(session, CooperativeVersion, {by.cooperative_id: joined(public)}, by)
    said = {(change["part"], change["key"]) for change in by.changes}
    lines = timelines(happenings)
    for part, model in ((Part.MEMBER, Membership), (Part.MANDATE, Mandate)):
        wanted = {UUID(key): stretches(lines[p, key]) for p, key in lines if p == part
                  if (p, key) in said}  # fmt: skip
        await _redraw(session, model, wanted, by)
    return line[-1][2]


def days_of(
    found: Iterable[tuple[date, Happening, State]],
) -> list[tuple[date, date | None, State]]:
    """The record over each run of days on which it does not change."""
    line = list(found)
    ends: list[date | None] = [*(day for day, _, _ in line[1:]), None]
    return [(day, end, state) for (day, _, state), end in zip(line, ends, strict=True)]


def stretches(line: Timeline) -> list[Stretch]:
    """The days over which a member or a mandate is there, with what is said of them."""
    ends: list[date | None] = [*(day for day, _, _ in line[1:]), None]
    return [
        Stretch(day, end, value)
        for (day, _, value), end in zip(line, ends, strict=True)
        if value is not None
    ]


def joined(line: list[Stretch]) -> list[Stretch]:
    """A day on which nothing that is public changed does not cut a stretch in two."""
    found: list[Stretch] = []
    for one in line:
        is_same = found and found[-1].value == one.value
        since = found.pop().since if is_same else one.since
        found.append(Stretch(since, one.until, one.value))
    return found


async def _redraw(
    session: AsyncSession, model: type[Drawn], wanted: Mapping[UUID, list[Stretch]], by: Effect
) -> None:
    if not wanted:
        return
    old: dict[UUID, list[Drawn]] = defaultdict(list)
    for row in await repository.open_rows(session, model, by.cooperative_id, wanted.keys()):
        old[_key(row)].append(row)
    gone: list[Drawn] = []
    new: list[Drawn] = []
    for key, line in wanted.items():
        left = list(line)
        for row in old[key]:
            same = Stretch(*repository.bounds(row), repository.value_of(row))
            if same in left:
                left.remove(same)
            else:
                gone.append(row)
        new += [repository.drawn(model, by.cooperative_id, key, one, by) for one in left]
    await repository.close(session, model, gone, by.recorded_at)
    session.add_all(new)
    await session.flush()


def _key(row: Drawn) -> UUID:
    match row:
        case Membership():
            return row.member_id
        case Mandate():
            return row.mandate_id
    return row.cooperative_id
