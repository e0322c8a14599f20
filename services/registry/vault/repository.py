"""What is closed under which key of the vault, closed anew under the current one: in small
transactions, online, and begun again where it was left."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, ColumnElement, LargeBinary, String, cast, func, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.idempotency import reseal
from chassis.sql import run
from chassis.vault import Vault
from services.registry.cooperatives.models import Member
from services.registry.filings.models import Filing
from services.registry.imports.models import ImportPiece
from services.registry.links.models import MemberLink
from services.registry.persons import service as persons
from services.registry.persons.models import PersonKey
from services.registry.persons.repository import PersonKeys
from services.registry.tables import APPEND_ONLY, metadata

BATCH = 500
_NUMBERS = ("nin", "phone", "birth_date")
_PATIENT = text("set local statement_timeout = 0")  # it reads whole tables
# a code that can be used no more needs no key
_WAITS = and_(
    col(MemberLink.sub).is_(None),
    col(MemberLink.ended_at).is_(None),
    col(MemberLink.expires_at) > func.now(),
)


def columns(kind: str) -> list[Column[Any]]:
    """Every column of the register that is declared so."""
    tables = metadata.tables.values()
    return [column for table in tables for column in table.columns if column.info.get(kind)]


def _begins(column: Column[Any], begins: str) -> ColumnElement[bool]:
    if isinstance(column.type, LargeBinary):
        return func.substring(column, 1, len(begins)) == begins.encode()
    if isinstance(column.type, JSONB):
        return cast(column, String).contains(f'"{begins}', autoescape=True)
    return column.startswith(begins, autoescape=True)


def _blinded_by(column: Column[Any], kid: str) -> ColumnElement[bool]:
    named = column.startswith(f"{kid}.", autoescape=True) if kid else column.not_like("%.%")
    return and_(named, _WAITS) if column.table.name == MemberLink.__tablename__ else named


class Closed:
    """Everything that the vault closed."""

    def __init__(self, session: AsyncSession, vault: Vault) -> None:
        self.session = session
        self.vault = vault

    async def uses(self, kid: str) -> Counter[str]:
        """How many rows of each table need this key."""
        wrapped = (PersonKey.__table__, col(PersonKey.kek) == kid)  # type: ignore[attr-defined]
        sealed = ((column.table, _begins(column, f"v1.{kid}.")) for column in columns("is_sealed"))
        return await self._count([wrapped, *sealed])

    async def indexed(self, kid: str) -> Counter[str]:
        """How many rows of each table are found by a blind of this key alone."""
        return await self._count(
            (column.table, _blinded_by(column, kid)) for column in columns("is_blind")
        )

    async def _count(self, asked: Iterable[tuple[Any, ColumnElement[bool]]]) -> Counter[str]:
        await run(self.session, _PATIENT, {})
        where: dict[Any, list[ColumnElement[bool]]] = defaultdict(list)
        for table, needs in asked:
            where[table].append(needs)
        found = Counter[str]()
        for table, ways in where.items():
            query = select(func.count()).select_from(table).where(or_(*ways))
            found[table.name] = (await self.session.exec(query)).one()
        return +found

    async def wait_for_writers(self) -> None:
        """Whoever was writing what the vault closes has finished, and began before we asked.

        Table by table, holding none while waiting for the next: writers take them in other orders.
        Who holds one of them is waited for to the end of all that it does.
        """
        closed = (*columns("is_sealed"), *columns("is_blind"))
        tables = {"person_key", *(column.table.name for column in closed)}
        # what is never rewritten is sealed under keys that are, and may not be locked
        for table in sorted(tables - APPEND_ONLY.keys()):
            point = await self.session.begin_nested()
            await run(self.session, text(f"lock table {table} in share mode"), {})
            await point.rollback()

    async def rewrap(self, after: UUID | None) -> tuple[int, UUID | None]:
        """Wrap a batch of keys anew; how many, and after which to go on (None at the end)."""
        kid = self.vault.current
        query = select(PersonKey).where(
            col(PersonKey.wrapped).is_not(None), col(PersonKey.kek) != kid
        )
        if after is not None:
            query = query.where(col(PersonKey.id) > after)
        query = query.order_by(col(PersonKey.id)).limit(BATCH)
        rows = (await self.session.exec(query.with_for_update(skip_locked=True))).all()
        for row in rows:
            key = self.vault.unwrap(row.id, row.kek or "", row.wrapped or b"")
            row.kek, row.wrapped = self.vault.wrap(key)
        return len(rows), rows[-1].id if len(rows) == BATCH else None

    async def give_keys(self, after: UUID | None) -> tuple[int, UUID | None]:
        """Seal members that the vault itself sealed, before persons had keys, under their own."""
        sealed = [getattr(Member, f"{name}_sealed") for name in _NUMBERS]
        query = select(Member).where(or_(*(col(one).like("v1.%") for one in sealed)))
        if after is not None:
            query = query.where(col(Member.id) > after)
        query = query.order_by(col(Member.id)).limit(BATCH)
        rows = (await self.session.exec(query.with_for_update(skip_locked=True))).all()
        keys = PersonKeys(self.session, self.vault)
        for row in rows:
            key = await keys.of_member(row.id) or keys.for_member(row.id)
            for name in _NUMBERS:
                value = getattr(row, f"{name}_sealed")
                if value and value.startswith("v1."):
                    place = f"member/{row.id}/{name}"
                    setattr(row, f"{name}_sealed", key.seal(self.vault.open(value, place), place))
        await keys.keep()
        return len(rows), rows[-1].id if len(rows) == BATCH else None

    async def give_filings_keys(self, after: UUID | None) -> tuple[int, UUID | None]:
        """The same for the persons of one filing."""
        query = select(Filing).where(cast(col(Filing.payload), String).like('%"v1.%'))
        if after is not None:
            query = query.where(col(Filing.id) > after)
        query = query.order_by(col(Filing.id)).limit(1)
        row = (await self.session.exec(query.with_for_update(skip_locked=True))).first()
        if row is None:
            return 0, None
        opened = await persons.reveal(self.session, row.payload, row.id, self.vault)
        row.payload = await persons.seal(self.session, opened, row.id, self.vault)
        return 1, row.id

    async def reseal_answers(self, _: UUID | None) -> tuple[int, UUID | None]:
        """Answers that are kept for replays, some of which hold a secret."""
        done = await reseal(self.session, self.vault)
        return done, uuid4() if done else None

    async def reseal_pieces(self, _: UUID | None) -> tuple[int, UUID | None]:
        """A batch of pieces of files that are being imported."""
        query = select(ImportPiece).where(
            col(ImportPiece.sealed).not_like(f"v1.{self.vault.current}.%")
        )
        query = query.limit(50).with_for_update(skip_locked=True)
        rows = (await self.session.exec(query)).all()
        for row in rows:
            place = f"import/{row.import_id}/{row.number}"
            row.sealed = self.vault.seal(self.vault.open(row.sealed, place), place)
        return len(rows), uuid4() if rows else None

    async def reindex(self, after: UUID | None) -> tuple[int, UUID | None]:
        """Give a batch of members blinds of the current key."""
        kid = self.vault.index_kid
        stale = func.coalesce(col(Member.nin_blind).not_like(f"{kid}.%"), literal_column("true"))
        query = select(Member).where(col(Member.nin_sealed).is_not(None), stale)
        if after is not None:
            query = query.where(col(Member.id) > after)
        query = query.order_by(col(Member.id)).limit(BATCH)
        rows = (await self.session.exec(query.with_for_update(skip_locked=True))).all()
        done = await self._reindex(rows)
        return done, rows[-1].id if len(rows) == BATCH else None

    async def _reindex(self, rows: Sequence[Member]) -> int:
        opened = await persons.open_numbers(self.session, rows, self.vault, ["nin"])
        known = [row for row in rows if "nin" in opened[row.id]]
        if await self._blinded(known, opened):
            return len(known)
        # one of them is the same person twice: for an agent to see, and no reason to stop
        return sum([await self._blinded([row], opened) for row in known])

    async def _blinded(self, rows: Sequence[Member], opened: dict[UUID, dict[str, str]]) -> bool:
        try:
            async with self.session.begin_nested():
                for row in rows:
                    row.nin_blind = self.vault.blind(opened[row.id]["nin"])
                await self.session.flush()
        except IntegrityError:
            for row in rows:
                await self.session.refresh(row)
            return False
        return True
