"""Imports, their files and rows, found and kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record
from sqlalchemy import ColumnElement, and_, false, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from chassis.ids import new_id
from chassis.owners import nearby
from chassis.reads import Reads
from chassis.repository import Repository
from chassis.sql import run
from services.registry.cooperatives.models import Cooperative
from services.registry.filings.models import Filing
from services.registry.imports.errors import ImportChangedHands
from services.registry.imports.models import Import, ImportedRow, ImportPiece, ImportRow
from services.registry.imports.states import ImportStatus, RowOutcome
from services.registry.scopes import AGENT_SCOPES

# A lease is short and renewed while somebody works: who dies is followed within seconds. A chunk
# locks the row, which keeps others away for however long it lasts.
_CLAIM = text(
    "update import set lease = :lease, attempts = attempts + 1,"
    " leased_until = clock_timestamp() + cast(:lasts as float8) * interval '1 second'"
    " where id = (select id from import where status in ('CHECKING', 'APPLYING')"
    " and (leased_until is null or leased_until < clock_timestamp())"
    " order by created_at limit 1 for update skip locked) returning id"
)
_EXTEND = text(
    "update import set attempts = 0,"
    " leased_until = clock_timestamp() + cast(:lasts as float8) * interval '1 second'"
    " where id = :id and lease = :lease and status = :status returning id"
)
_RENEW = text(
    "update import set leased_until ="
    " clock_timestamp() + cast(:lasts as float8) * interval '1 second'"
    " where id = (select id from import where id = :id and lease = :lease"
    " and leased_until is not null for update skip locked)"
)
_RELEASE = text("update import set leased_until = null where id = :id and lease = :lease")
_OLD = text(
    "select id from import where status in ('CHECKED', 'REFUSED') and created_at < :before limit 20"
)
_COUNTS = text(
    "select outcome, count(*) as n from import_row where import_id = :id group by outcome"
)
_DROP_ROWS = text("delete from import_row where import_id = :id")
_DROP_PIECES = text("delete from import_piece where import_id = :id")
_NAMES_ABOVE = text(
    "select name_key, authority_code, min(number) as number from import_row"
    " where import_id = :id and name_key = any(cast(:names as text[]))"
    " and outcome <> 'BLOCKED' group by 1, 2"
)
_KEYS_ABOVE = text(
    "select key, min(number) as number from import_row"
    " where import_id = :id and key = any(cast(:keys as text[]))"
    " and outcome <> 'BLOCKED' group by 1"
)
_NEAR_ABOVE = text(
    "select asked.number, near.number as above from"
    " unnest(cast(:numbers as int[]), cast(:names as text[]), cast(:places as text[]))"
    "   as asked (number, key, place)"
    " cross join lateral (select r.number from import_row r where r.import_id = :id"
    " and r.authority_code = asked.place and r.name_key <> asked.key"
    " and similarity(r.name_key, asked.key) >= cast(:least as float8)"
    " order by similarity(r.name_key, asked.key) desc limit 1) near"
)
_ROWS = """
select number, outcome, key, said, findings, cooperative_id, filing_id from import_row
where import_id = $1 and number > $2 and ($3::text is null or outcome = $3)
order by number limit $4
"""
_PIECE = "select sealed from import_piece where import_id = $1 and number = $2"
LEASE_S = 10.0


def _in_view(caller: Caller) -> ColumnElement[bool]:
    """What the caller uploaded, and what agents of their territory did."""
    mine = col(Import.created_by) == caller.sub
    if not caller.has(*AGENT_SCOPES):
        return false()
    return or_(mine, and_(nearby(caller, col(Import.path))))


class Imports(Repository[Import]):
    """All imports."""

    model = Import
    aggregate = "import"

    async def one_in_view(self, id: UUID, caller: Caller) -> Import:
        """The import, for who uploaded it and the agents of its territory."""
        return await self.seen(id, _in_view(caller))

    async def in_view(
        self, caller: Caller, *, after: UUID | None, limit: int, status: ImportStatus | None
    ) -> Sequence[Import]:
        """Those of the caller's view, oldest first; one more than `limit`."""
        query = select(Import).where(_in_view(caller))
        if status is not None:
            query = query.where(Import.status == status)
        if after is not None:
            query = query.where(col(Import.id) > after)
        return (await self.session.exec(query.order_by(col(Import.id)).limit(limit + 1))).all()

    async def claim(self) -> tuple[UUID, UUID] | None:
        """The import that has waited longest for somebody to work on it, and the lease on it."""
        lease = new_id()
        found = await run(self.session, _CLAIM, {"lease": lease, "lasts": LEASE_S})
        id: UUID | None = found.scalar_one_or_none()
        return (id, lease) if id is not None else None

    async def held(self, id: UUID, lease: UUID, status: ImportStatus) -> Import:
        """The import, alone, for who holds the lease; what another one took over is left."""
        row = {"id": id, "lease": lease, "status": status.value, "lasts": LEASE_S}
        if (await run(self.session, _EXTEND, row)).scalar_one_or_none() is None:
            raise ImportChangedHands()
        found = await self.session.get(Import, id, populate_existing=True)
        assert found is not None  # noqa: S101 - it was extended just now
        return found

    async def renew(self, id: UUID, lease: UUID) -> None:
        """Still at it."""
        await run(self.session, _RENEW, {"id": id, "lease": lease, "lasts": LEASE_S})

    async def release(self, id: UUID, lease: UUID) -> None:
        """Somebody else may go on at once."""
        await run(self.session, _RELEASE, {"id": id, "lease": lease})

    async def undecided(self, before: datetime) -> list[UUID]:
        """Some of those that nobody decided on since."""
        return list((await run(self.session, _OLD, {"before": before})).scalars())

    async def keep_file(self, id: UUID, pieces: Iterable[str]) -> None:
        """Keep the sealed pieces of a file."""
        for number, sealed in enumerate(pieces):
            self.session.add(ImportPiece(import_id=id, number=number, sealed=sealed))
            await self.session.flush()

    async def drop_file(self, found: Import) -> None:
        """Forget the file, and the titles that nobody read, which may be somebody's: its hash, and
        what was read of it, stay."""
        found.mapping = None
        found.columns = [one if one["field"] else one | {"column": ""} for one in found.columns]
        await run(self.session, _DROP_PIECES, {"id": found.id})

    async def drop_rows(self, id: UUID) -> None:
        """Forget what was read: it is to be read anew."""
        await run(self.session, _DROP_ROWS, {"id": id})

    async def counts(self, id: UUID) -> dict[str, int]:
        """How many rows have which outcome."""
        found = await run(self.session, _COUNTS, {"id": id})
        return {row.outcome: row.n for row in found}

    async def names_above(self, id: UUID, names: list[str]) -> dict[tuple[str, str], int]:
        """The first row with each of these names, by name and authority."""
        found = await run(self.session, _NAMES_ABOVE, {"id": id, "names": names})
        return {(row.name_key, row.authority_code): row.number for row in found}

    async def near_above(self, id: UUID, rows: Sequence[ImportRow], least: str) -> dict[int, int]:
        """For rows with a name that looks like that of a row before these, that row."""
        named = [row for row in rows if row.name_key and row.authority_code]
        asked = {
            "id": id,
            "least": float(least),
            "numbers": [row.number for row in named],
            "names": [row.name_key for row in named],
            "places": [row.authority_code for row in named],
        }
        return {one.number: one.above for one in await run(self.session, _NEAR_ABOVE, asked)}

    async def keys_above(self, id: UUID, keys: list[str]) -> dict[str, int]:
        """The first row with each of these keys."""
        found = await run(self.session, _KEYS_ABOVE, {"id": id, "keys": keys})
        return {row.key: row.number for row in found}

    async def ready(self, id: UUID, after: int, limit: int) -> Sequence[ImportRow]:
        """The next rows that may enter."""
        query = (
            select(ImportRow)
            .where(ImportRow.import_id == id, col(ImportRow.number) > after)
            .where(ImportRow.outcome == RowOutcome.READY)
        )
        return (await self.session.exec(query.order_by(col(ImportRow.number)).limit(limit))).all()

    async def known_keys(self, source: str, keys: Sequence[str]) -> dict[str, ImportedRow]:
        """What rows with these keys became before."""
        query = select(ImportedRow).where(
            ImportedRow.source == source, col(ImportedRow.key).in_(keys)
        )
        return {row.key: row for row in (await self.session.exec(query)).all()}


async def rows(
    reads: Reads, id: UUID, after: int, limit: int, outcome: str | None = None
) -> list[Record]:
    """Rows of an import behind a row number, in the order of the file."""
    return await reads.fetch(_ROWS, id, after, outcome, limit)


def sealed_for(id: UUID, number: int) -> str:
    """The place for which a piece of a file is sealed."""
    return f"import/{id}/{number}"


async def piece(reads: Reads, id: UUID, number: int) -> str | None:
    """A sealed piece of a file, or None after the last one."""
    found = await reads.fetchrow(_PIECE, id, number)
    return found["sealed"] if found else None


async def places_of(
    session: AsyncSession, rows: Iterable[ImportedRow]
) -> dict[UUID, tuple[Sequence[str], Sequence[str]]]:
    """Where the record of each of these rows entered, and where it is now, by record."""
    query = select(ImportedRow.cooperative_id, Filing.path, Cooperative.path).where(
        Filing.id == ImportedRow.filing_id,
        Cooperative.id == ImportedRow.cooperative_id,
        col(ImportedRow.cooperative_id).in_([row.cooperative_id for row in rows]),
    )
    return {id: (then, now) for id, then, now in (await session.exec(query)).all()}


async def imported_from(
    session: AsyncSession, cooperatives: Sequence[UUID]
) -> dict[UUID, ImportedRow]:
    """The rows from which these records came, if they came from rows."""
    query = select(ImportedRow).where(col(ImportedRow.cooperative_id).in_(cooperatives))
    return {row.cooperative_id: row for row in (await session.exec(query)).all()}
