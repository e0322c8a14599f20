"""The database of one service: one request, one transaction, committed before the answer leaves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from sqlalchemy import Enum, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.events import flush_events
from chassis.imprints import WRITES
from chassis.settings import Settings
from chassis.sql import run, settle

# A transaction left open would stall every reader of the event log behind its horizon.
_SERVER_SETTINGS = {
    "idle_in_transaction_session_timeout": "15s",
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "timezone": "UTC",
    **WRITES,
}


class _Pool(AsyncAdaptedQueuePool):
    waiting = 0  # those who ask for a connection and have none yet

    def _do_get(self) -> Any:
        self.waiting += 1
        try:
            return super()._do_get()
        finally:
            self.waiting -= 1


def create_engine(settings: Settings) -> AsyncEngine:
    """An engine whose waiting callers are refused after a second rather than piled up."""
    engine = create_async_engine(
        settings.database_url.replace("postgresql://", "postgresql+asyncpg://", 1),
        poolclass=_Pool,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=1,
        hide_parameters=True,  # an error that is logged must not carry what was written
        connect_args={"server_settings": _SERVER_SETTINGS, "timeout": 5},
    )
    event.listen(engine.sync_engine, "checkout", _is_alive)
    return engine


def _is_alive(adapted: Any, *_: Any) -> None:
    # the loop has read the end of a connection that is gone: asking the server what it thinks
    # took three round trips for every transaction
    if adapted.driver_connection.is_closed():
        raise DisconnectionError


class Database:
    """Opens transactions; tells the deliverer after each commit that published something."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.bells: list[asyncio.Event] = []  # one of each deliverer in this process
        # told what a transaction left in `session.info`, once it has committed
        self.after_commit: list[Callable[[Mapping[Any, Any]], None]] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits when the block ends well and rolls back otherwise."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            try:
                yield session
                await settle(session)
                told = await flush_events(session)
                await session.commit()
            except BaseException:
                await session.rollback()
                raise
            if told:
                self.wake()
            for tell in self.after_commit:
                tell(session.info)

    def figures(self) -> dict[str, dict[str, int]]:
        """How the pool is doing, under its name."""
        pool = cast(_Pool, self.engine.pool)
        figures = {"in_use": pool.checkedout(), "size": pool.size(), "waiting": pool.waiting}
        return {"transactions": figures}

    def wake(self) -> None:
        """Something is due: deliverers of this process need not wait for their next poll."""
        for bell in self.bells:
            bell.set()


async def _transaction(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.database.transaction() as session:
        yield session


# `scope="function"`: the commit happens when the route function returns, before the first byte of
# the answer. With the default scope a failing commit would still answer 200.
Session = Annotated[AsyncSession, Depends(_transaction, scope="function")]


# No row when the transaction has an id already: the filter is asked once, before any lock.
_HOLD = text(
    "select pg_advisory_xact_lock(7, hash) from"
    " (select distinct hashtext(name) as hash from unnest(cast(:names as text[])) name"
    " order by hash) hashes where pg_current_xact_id_if_assigned() is null"
)


async def hold(session: AsyncSession, *aggregates: str) -> None:
    """Lock aggregates (`"filing/<id>"`) before the first write, several in one sorted order.

    An advisory lock takes no transaction id, so that ids are handed out in commit order for each
    aggregate; after a write or a row lock the id is already there and events of one aggregate
    could overtake each other: that is refused here, where the programmer sees it. The lock is a
    statement of its own: a query that locks and reads at once reads the snapshot from before.
    """
    held: set[str] = session.info.setdefault("held", set())
    wanted = set(aggregates) - held
    if not wanted:
        return
    await settle(session)
    if not await run(session, _HOLD, {"names": sorted(wanted)}):
        raise RuntimeError(f"hold {sorted(wanted)} before the first write of the transaction")
    held |= wanted


def text_enum(enum: type[StrEnum]) -> Enum:
    """A StrEnum stored as text of its *values*, guarded by a CHECK constraint."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=_snake(enum.__name__),
        values_callable=_values,
    )


def _values(enum: Iterable[StrEnum]) -> list[str]:
    return [member.value for member in enum]


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

__all__ = [
    "NAMING",
    "AsyncSession",
    "Database",
    "Session",
    "create_engine",
    "hold",
    "text_enum",
]
