"""The rows of a decided import enter the register, chunk by chunk or all at once."""

from collections.abc import Awaitable, Callable, Sequence

from chassis.db import AsyncSession, hold
from chassis.errors import Finding
from chassis.ids import new_id
from services.registry.imports.checking import MOST_AT_ONCE
from services.registry.imports.entering import enter
from services.registry.imports.judging import another, others_of
from services.registry.imports.models import Import, ImportRow
from services.registry.imports.places import authority_of, region_of
from services.registry.imports.repository import Imports, imported_from
from services.registry.imports.service import as_json
from services.registry.imports.states import (
    KEPT_OUT,
    LIFE,
    ImportAction,
    ImportMode,
    ImportStatus,
    RowOutcome,
)
from services.registry.operations import service as operations
from services.registry.twins.repository import Register

CHUNK = 100
Act = Callable[[AsyncSession, Import], Awaitable[None]]
Chunk = Callable[..., Awaitable[None]]


class NotWhole(Exception):
    """All or nothing, and a row cannot enter any more: nothing does."""


async def apply(chunk: Chunk, found: Import) -> None:
    """Every row that is ready; a process that dies leaves whole chunks, or nothing."""
    if found.mode is ImportMode.ATOMIC:
        try:
            await chunk(ImportStatus.APPLYING, _all_at_once, before=_hold_all)
        except NotWhole:
            await chunk(ImportStatus.APPLYING, _tell_and_abort)
        return
    while await _some(chunk):
        pass
    await chunk(ImportStatus.APPLYING, _finish)


async def _some(chunk: Chunk) -> bool:
    left: list[int] = []

    async def act(session: AsyncSession, found: Import) -> None:
        rows = await Imports(session).ready(found.id, found.applied_through, CHUNK)
        await _enter(session, found, rows)
        left.append(len(rows))

    await chunk(ImportStatus.APPLYING, act, before=_hold_some)
    return left[0] == CHUNK


async def _hold_some(session: AsyncSession, found: Import) -> None:
    await _hold(session, await Imports(session).ready(found.id, found.applied_through, CHUNK))


async def _hold_all(session: AsyncSession, found: Import) -> None:
    await _hold(session, await Imports(session).ready(found.id, 0, MOST_AT_ONCE))


async def _hold(session: AsyncSession, rows: Sequence[ImportRow]) -> None:
    """Everything that will be written about, before the first write: one name under one authority
    and one record for one row hold only for who is alone with them."""
    paths = [row.entry["path"] for row in rows]
    ids = session.info["cooperatives"] = {row.number: new_id() for row in rows}
    await hold(
        session,
        "imports",
        *(f"authority/{authority_of(path)}" for path in paths),
        *(f"region/{region_of(path)}" for path in paths),
        *(f"cooperative/{id}" for id in ids.values()),
    )


async def _all_at_once(session: AsyncSession, found: Import) -> None:
    rows = await Imports(session).ready(found.id, 0, MOST_AT_ONCE)
    if not await _enter(session, found, rows):
        raise NotWhole()
    await _finish(session, found)


async def _enter(session: AsyncSession, found: Import, rows: Sequence[ImportRow]) -> bool:
    """Enter those that still can; whether none is kept out."""
    if not rows:
        return True
    sound = await _still_sound(session, found, rows)
    await enter(session, found, sound, session.info["cooperatives"])
    found.applied_through = rows[-1].number
    await session.flush()
    found.counts = await Imports(session).counts(found.id)
    done = found.counts.get(RowOutcome.IMPORTED.value, 0)
    total = done + found.counts.get(RowOutcome.READY.value, 0)
    await operations.proceed(session, found.operation_id, done, total)
    return not any(row.outcome in KEPT_OUT for row in rows)


async def _still_sound(
    session: AsyncSession, found: Import, rows: Sequence[ImportRow]
) -> list[ImportRow]:
    """Those that nobody entered since they were checked."""
    same = await Register(session).names([row.name_key or "" for row in rows])
    taken = {(one.name_key, one.authority_code): one for one in same}
    origins = await imported_from(session, [one.id for one in same])
    known = await Imports(session).known_keys(found.source, [row.key for row in rows])
    others, sound = await others_of(session, rows, known), []
    for row in rows:
        twin = taken.get((row.name_key, row.authority_code))
        origin = known.get(row.key) or (origins.get(twin.id) if twin else None)
        if (other := others.get(row.number)) is not None:
            _block(row, another(other))
        elif origin is not None:
            is_same = origin.digest == row.digest
            row.outcome = RowOutcome.UNCHANGED if is_same else RowOutcome.DIFFERENT
            row.cooperative_id, row.filing_id = origin.cooperative_id, origin.filing_id
        elif twin is not None:
            params = {"registration_number": twin.registration_number}
            taken_now = Finding(code="NAME_ALREADY_USED", pointer="/name", params=params)
            _block(row, taken_now)
        else:
            sound.append(row)
    return sound


def _block(row: ImportRow, why: Finding) -> None:
    row.findings = [*row.findings, as_json(why)]
    row.outcome = RowOutcome.BLOCKED


async def _finish(session: AsyncSession, found: Import) -> None:
    found.counts = await Imports(session).counts(found.id)
    await _close(session, found, ImportAction.APPLY, None)


async def _tell_and_abort(session: AsyncSession, found: Import) -> None:
    await _still_sound(session, found, await Imports(session).ready(found.id, 0, MOST_AT_ONCE))
    await session.flush()
    found.counts = await Imports(session).counts(found.id)
    await abort(session, found)


async def abort(session: AsyncSession, found: Import) -> None:
    """It cannot be done: rows that are ready stay out."""
    await _close(session, found, ImportAction.ABORT, "IMPORT_NOT_WHOLE")


async def _close(
    session: AsyncSession, found: Import, action: ImportAction, failure: str | None
) -> None:
    found.status = LIFE.move(found.status, action)
    found.leased_until = None
    found.version += 1
    await operations.end(session, found.operation_id, failure=failure)
    await session.flush()
    await Imports(session).drop_file(found)
