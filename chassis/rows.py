"""Rows as objects that a session writes back when they change, read through the driver.

What it costs the ORM to make an object of a row is many times what it costs to fetch the row: it
works out anew how each column is read. Here that is worked out once, with its own means, and the
session takes the object for one that it has loaded itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from sqlalchemy import bindparam, inspect, select
from sqlalchemy.orm import class_mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import DIALECT, Row, fetch, settle

M = TypeVar("M", bound=SQLModel)
Id = UUID | str
Read = Callable[[Any], Any] | None


@dataclass(frozen=True)
class Query(Generic[M]):
    """A row of `model` by its id, as the driver is asked for it."""

    model: type[M]
    sql: str
    names: tuple[str, ...]
    params: Mapping[str, Any]


def by_id(model: type[M], *conditions: Any, is_locked: bool = False) -> Query[M]:
    """A query of the row with an id, if it meets the conditions. Worth keeping: it costs more to
    make than to ask."""
    mapper = inspect(model)
    query = select(mapper.local_table).where(
        mapper.primary_key[0] == bindparam("id", None), *conditions
    )
    query = query.with_for_update() if is_locked else query
    said = query.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return Query(model, said.string, tuple(said.positiontup or ()), said.params)


async def load(session: AsyncSession, query: Query[M], id: Id) -> M | None:
    """The row as it is now, or None; what the session knew of it gives way, as what it changed is
    written before."""
    await settle(session)
    asked = {**query.params, "id": id}
    found = await fetch(session, query.sql, [asked[name] for name in query.names])
    row = found.one_or_none()
    return None if row is None else _object(session, query.model, row)


def _object(session: AsyncSession, model: type[M], row: Row) -> M:
    mapper = inspect(model)
    values = {name: read(row[at]) if read else row[at] for name, at, read in _columns(model)}
    key = mapper.identity_key_from_primary_key([values[mapper.primary_key[0].key]])
    known = session.sync_session.identity_map.get(key)
    if known is not None:
        for name, value in values.items():
            set_committed_value(known, name, value)
        return cast(M, known)
    made: M = mapper.class_manager.new_instance()
    inspect(made).dict.update(values)
    make_transient_to_detached(made)
    session.add(made)
    return made


@cache
def _columns(model: type[SQLModel]) -> list[tuple[str, str, Read]]:
    """The attribute, the column, and how what the driver says of it is read."""
    # a process that has asked for nothing yet has not connected its classes to their columns either
    mapper = class_mapper(model)
    return [
        (column.key, column.name, column.type.dialect_impl(DIALECT).result_processor(DIALECT, None))
        for column in mapper.local_table.columns
    ]
