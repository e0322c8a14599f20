"""Plain SQL inside a session's transaction, said to the driver itself.

SQLAlchemy binds, executes and wraps every statement anew, for several times what the driver takes
(docs/adr). Pool, transaction and errors stay its own: a statement that goes this way stands between
those that it sends itself, and fails as they do.
"""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

from asyncpg import Connection, InterfaceError, PostgresError, Record
from asyncpg.exceptions import IntegrityConstraintViolationError
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql import JSONB, asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, MultipleResultsFound, NoResultFound
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.canonical import compact

DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]
_DRIVER = "driver"  # the place in `session.info`


class Row(Record):  # type: ignore[misc]  # the driver says no types
    """One row: its columns by place, by name, and as attributes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Rows(list[Row]):
    """What a statement returned."""

    def all(self) -> list[Row]:
        """Every row."""
        return self

    def first(self) -> Row | None:
        """The first row, or None."""
        return self[0] if self else None

    def one(self) -> Row:
        """The only row."""
        found = self.one_or_none()
        if found is None:
            raise NoResultFound
        return found

    def one_or_none(self) -> Row | None:
        """The only row, or None."""
        if len(self) > 1:
            raise MultipleResultsFound
        return self.first()

    def scalar_one(self) -> Any:
        """The first value of the only row."""
        return self.one()[0]

    def scalar_one_or_none(self) -> Any:
        """The first value of the only row, or None."""
        found = self.one_or_none()
        return None if found is None else found[0]

    def scalars(self) -> list[Any]:
        """The first value of every row."""
        return [row[0] for row in self]


async def run(session: AsyncSession, statement: TextClause, params: Mapping[str, Any]) -> Rows:
    """Execute `statement` in the transaction of `session`, without flushing its objects."""
    sql, names = _spelt(statement)
    return await fetch(session, sql, [params[name] for name in names])


async def fetch(session: AsyncSession, sql: str, values: Sequence[Any]) -> Rows:
    """The same, as the driver reads it."""
    driver = await _driver(session)
    try:
        found = await driver.fetch(sql, *values, record_class=Row)
    except (PostgresError, InterfaceError) as error:
        raise await _told(session, driver, error) from error
    return Rows(cast(list[Row], found))


async def count(session: AsyncSession, statement: TextClause, params: Mapping[str, Any]) -> int:
    """The same; how many rows it wrote or deleted."""
    sql, names = _spelt(statement)
    driver = await _driver(session)
    try:
        status = await driver.execute(sql, *(params[name] for name in names))
    except (PostgresError, InterfaceError) as error:
        raise await _told(session, driver, error) from error
    return int(status.rpartition(" ")[2])


async def write(session: AsyncSession, row: SQLModel) -> None:
    """Insert a new row that this session will not change any more, and knows nothing of. What it
    refers to is there first; what the database itself gives a row is left to it."""
    await settle(session)
    sql, columns = _insert(type(row))
    driver = await _driver(session)
    values = [compact(getattr(row, at)).decode() if is_json else getattr(row, at)
              for at, is_json in columns]  # fmt: skip
    try:
        await driver.execute(sql, *values)
    except (PostgresError, InterfaceError) as error:
        raise await _told(session, driver, error) from error


async def settle(session: AsyncSession) -> None:
    """Write what the session's objects have become, if there is anything to write."""
    sync = session.sync_session
    if sync.new or sync.dirty or sync.deleted:
        await session.flush()


@lru_cache(1_000)
def _spelt(statement: TextClause) -> tuple[str, tuple[str, ...]]:
    """As the driver reads it, and the names of its parameters in their order."""
    compiled = statement.compile(dialect=DIALECT)
    return compiled.string, tuple(compiled.positiontup or ())


@cache
def _insert(model: type[SQLModel]) -> tuple[str, list[tuple[str, bool]]]:
    table = model.__table__  # type: ignore[attr-defined]
    own = [one for one in table.columns if one.server_default is None and one.identity is None]
    names = ", ".join(f'"{one.name}"' for one in own)
    places = ", ".join(f"${n}" for n in range(1, len(own) + 1))
    sql = f'insert into "{table.name}" ({names}) values ({places})'  # noqa: S608 - our own tables
    return sql, [(one.key, isinstance(one.type, JSONB)) for one in own]


async def _driver(session: AsyncSession) -> "Connection[Record]":
    """The driver's connection, in the transaction of the session, or in its savepoint, which is
    set when it is first asked for a connection. Known for as long as that one lasts, and not for
    longer: another session may have the connection then."""
    known, now = session.info.get(_DRIVER), _innermost(session)
    # after a flush that failed it is not active, and nothing else would hold what comes now
    if known is not None and known[0] is now and now.is_active:
        return cast("Connection[Record]", known[1])
    connection: Any = (await session.connection()).sync_connection
    adapted = connection.connection.dbapi_connection
    driver = cast("Connection[Record]", adapted.driver_connection)
    if adapted._transaction is None:  # SQLAlchemy begins late, and ends what it knows to be begun
        try:
            await adapted._start_transaction()
        except adapted.dbapi.Error as error:
            raise await _told(session, driver, error.__cause__ or error) from error
    session.info[_DRIVER] = (_innermost(session), driver)
    return driver


def _innermost(session: AsyncSession) -> Any:
    sync = session.sync_session
    return sync.get_nested_transaction() or sync.get_transaction()


class _Said(Exception):
    """What the driver said, without the values that it quotes."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error.args[0] if error.args else "")
        self.sqlstate = getattr(error, "sqlstate", None)
        self.__cause__ = error


async def _told(
    session: AsyncSession, driver: "Connection[Record]", error: BaseException
) -> DBAPIError:
    is_gone = driver.is_closed()
    if is_gone:  # there is nothing left to roll back
        await (await session.connection()).invalidate(error)
    is_broken = isinstance(error, IntegrityConstraintViolationError)
    kind = IntegrityError if is_broken else DBAPIError
    return kind(None, None, _Said(error), hide_parameters=True, connection_invalidated=is_gone)
