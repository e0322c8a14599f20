"""What was written stays: no service can change it, and no owner can by mistake."""

import asyncpg
import pytest

from chassis.privileges import loose_tables
from tests.house.house import House
from tests.house.services import ALL, defined

_TABLES = [(name, table) for name in ALL for table in defined(name).append_only]
_CHANGES = (
    "update {table} set {column} = {column}",
    "delete from {table}",
    "truncate {table} cascade",
    "alter table {table} disable trigger all",
    "drop trigger {table}_rows on {table}",
    "create trigger mine before insert on {table} execute function refuse_change()",
    "alter table {table} owner to current_user",
    "drop table {table} cascade",
    "create table mine (n int)",
    "set role {owner}",
    "set session_replication_role = replica",
    "update alembic_version set version_num = 'x'",
)
_COLUMN = """
select attname from pg_attribute
where attrelid = $1::regclass and attnum > 0 and attname is distinct from $2 limit 1
"""
_OWNER = "select relowner::regrole::text from pg_class where oid = $1::regclass"
_GUARDED = """
select count(*) from pg_trigger where tgrelid = $1::regclass and not tgisinternal
  and tgenabled in ('O', 'A') and tgname in ($2 || '_rows', $2 || '_all')
"""


@pytest.mark.parametrize(("service", "table"), _TABLES)
async def test_a_service_cannot_change_what_is_append_only(
    house: House, service: str, table: str
) -> None:
    closing, goes = defined(service).append_only[table], table in defined(service).expiring
    async with house.app(service).state.reads.connection() as connection:
        words = {
            "table": table,
            "column": await connection.fetchval(_COLUMN, table, closing),
            "owner": await connection.fetchval(_OWNER, table),
        }
        for change in _CHANGES:
            if goes and change.startswith("delete"):
                continue
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change.format(**words))


@pytest.mark.parametrize(("service", "table"), _TABLES)
async def test_a_trigger_stops_the_owner_too(house: House, service: str, table: str) -> None:
    async with house.owner(service) as connection:
        assert await connection.fetchval(_GUARDED, table, table) == 2
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(f"truncate {table} cascade")


@pytest.mark.parametrize("service", ALL)
async def test_a_process_knows_whether_only_triggers_hold_it_back(
    house: House, service: str
) -> None:
    tables = set(defined(service).append_only) - set(defined(service).expiring)
    async with house.app(service).state.reads.connection() as connection:
        assert await loose_tables(connection, tables) == []
    async with house.owner(service) as connection:
        assert await loose_tables(connection, tables) == sorted(tables)
