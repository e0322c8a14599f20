"""A row that is kept for ever, but whose range may be closed once."""

from typing import Any

import asyncpg
import pytest
from asyncpg import Connection, Record

from chassis.migrations import make_closable
from chassis.privileges import let_in, role_of
from chassis.reads import connect
from tests.town import create_database, role_for

_CLOSE = "update kept set known = tstzrange(lower(known), '2026-02-01Z')"


class Statements:
    """What a migration would execute."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def execute(self, sql: str) -> None:
        self.said.append(sql)


@pytest.fixture(scope="module")
async def url(worker: str) -> str:
    url = await create_database(f"t_{worker}_closable")
    owner, made = await connect(url), Statements()
    await owner.execute("create table kept (id int primary key, said text, known tstzrange)")
    await owner.execute("create table alembic_version (version_num text)")
    make_closable(made, {"kept": "known"})
    for sql in made.said:
        await owner.execute(sql)
    await owner.close()
    return url


async def a_row(connection: "Connection[Record]") -> Any:
    await connection.execute("insert into kept values (1, 'so', '[2026-01-01Z,)')")


@pytest.mark.parametrize("is_owner", [True, False])
async def test_an_open_range_is_closed_once_and_nothing_else_changes(
    url: str, is_owner: bool
) -> None:
    role = await role_for(url)
    await let_in(url, role_of(role), {"kept": "known"})
    connection = await connect(url if is_owner else role)
    transaction = connection.transaction()
    await transaction.start()
    await a_row(connection)
    for change in (
        "update kept set said = 'otherwise'",
        "update kept set known = '[2025-01-01Z,2026-02-01Z)'",
        "update kept set known = '[2026-01-01Z,)'",
        "update kept set known = null",
        "update kept set said = 'otherwise', known = tstzrange(lower(known), '2026-02-01Z')",
        "delete from kept",
        "truncate kept",
    ):
        with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
            async with connection.transaction():
                await connection.execute(change)
    await connection.execute(_CLOSE)
    with pytest.raises(asyncpg.RestrictViolationError):
        async with connection.transaction():
            await connection.execute("update kept set known = tstzrange(lower(known), now())")
    assert await connection.fetchval("select upper(known) is not null from kept")
    await transaction.rollback()
    await connection.close()
