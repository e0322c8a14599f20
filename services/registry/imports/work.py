"""The work on imports: one at a time in each process, in chunks of one transaction each.

Whoever works holds a lease, and every chunk writes how far it came with what it did: a process
that dies leaves its last whole chunk, and the next one goes on behind it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from chassis.db import AsyncSession, Database
from chassis.errors import Finding
from chassis.sheets import SheetRefused
from services.registry.imports import applying, checking, repository
from services.registry.imports.errors import ImportChangedHands
from services.registry.imports.models import Import
from services.registry.imports.repository import Imports
from services.registry.imports.service import as_json, expire, opened
from services.registry.imports.states import LIFE, ImportAction, ImportStatus
from services.registry.operations import service as operations

Act = applying.Act
log = structlog.get_logger()
_MOST_ATTEMPTS = 5  # without a single chunk done


class Hold:
    """An import in somebody's hands."""

    def __init__(self, app: Any, id: UUID, lease: UUID) -> None:
        self.app = app
        self.id = id
        self._lease = lease
        self.database: Database = app.state.database

    async def chunk(self, status: ImportStatus, act: Act, *, before: Act | None = None) -> None:
        """One transaction: what `act` does is kept if the import is still in our hands. What must
        be held before the first write is held by `before`."""
        async with self.database.transaction() as session:
            if before is not None:
                await before(session, await Imports(session).get(self.id))
            await act(session, await Imports(session).held(self.id, self._lease, status))

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew the lease while the block runs, however long it reads before it writes."""
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(repository.LEASE_S / 3)
            with suppress(DBAPIError, OSError, TimeoutError):  # until the database is back
                async with self.database.transaction() as session:
                    await Imports(session).renew(self.id, self._lease)

    async def let_go(self) -> None:
        """Somebody else may go on."""
        async with self.database.transaction() as session:
            await Imports(session).release(self.id, self._lease)


async def work(app: Any) -> int:
    """Go on with the import that has waited longest; 1 while there was one."""
    database: Database = app.state.database
    async with database.transaction() as session:
        claimed = await Imports(session).claim()
        found = await Imports(session).get(claimed[0]) if claimed else None
    if claimed is None or found is None:
        return await expire(database)
    hold = Hold(app, *claimed)
    try:
        async with hold.kept():
            await _go_on(hold, found)
    except ImportChangedHands:
        return 1
    except Exception:
        await hold.let_go()
        raise
    return 1


async def _go_on(hold: Hold, found: Import) -> None:
    if found.attempts > _MOST_ATTEMPTS:
        await _give_up(hold, found.status)
    elif found.status is ImportStatus.CHECKING:
        await _check(hold, found)
    else:
        await applying.apply(hold.chunk, found)


async def _give_up(hold: Hold, status: ImportStatus) -> None:
    if status is ImportStatus.CHECKING:
        await _refuse(hold, [Finding(code="IMPORT_FAILED", pointer="")])
    else:
        await hold.chunk(status, applying.abort)


async def _check(hold: Hold, found: Import) -> None:
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / "file"
        await _unseal(hold, path)
        try:
            await _read(hold, found, path)
        except SheetRefused as refusal:
            finding = Finding(code=refusal.code, pointer="", params=refusal.params)
            await _refuse(hold, [finding])


async def _unseal(hold: Hold, path: Path) -> None:
    state, number = hold.app.state, 0
    with path.open("wb") as file:
        while (sealed := await repository.piece(state.reads, hold.id, number)) is not None:
            file.write(opened(state.vault, sealed, hold.id, number))
            number += 1


async def _read(hold: Hold, found: Import, path: Path) -> None:
    sheet = await checking.open_sheet(found, path)
    about = checking.file_findings(found, sheet)
    if any(finding.severity == "BLOCK" for finding in about):
        await _refuse(hold, about, sheet)
        return
    async with hold.database.transaction() as session:
        using = await checking.tables(session)
    while lines := await sheet.chunk():
        left = [line for line in lines if line.number > found.staged_through]
        if left:
            await hold.chunk(
                ImportStatus.CHECKING,
                lambda session, row, left=left: checking.stage(session, row, sheet, left, using),  # type: ignore[misc]
            )

    async def finish(session: AsyncSession, row: Import) -> None:
        if not row.counts:
            raise SheetRefused("FILE_EMPTY")
        checking.describe(row, sheet, about)
        row.status = LIFE.move(row.status, ImportAction.CHECK)
        row.version += 1
        row.leased_until = None
        await operations.end(session, row.operation_id)

    await hold.chunk(ImportStatus.CHECKING, finish)


async def _refuse(hold: Hold, about: list[Finding], sheet: checking.Sheet | None = None) -> None:
    async def refuse(session: AsyncSession, row: Import) -> None:
        if sheet is not None:
            checking.describe(row, sheet, about)
        row.findings = [as_json(finding) for finding in about]
        row.status = LIFE.move(row.status, ImportAction.REFUSE)
        row.counts, row.staged_through, row.leased_until = {}, 0, None
        row.version += 1
        code = next(one.code for one in about if one.severity == "BLOCK")
        await operations.end(session, row.operation_id, failure=code)
        await session.flush()
        await Imports(session).drop_rows(row.id)

    await hold.chunk(ImportStatus.CHECKING, refuse)
