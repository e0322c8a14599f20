"""What a service may do to its tables: it does not own them.

An owner migrates; the service signs in as a role of its own, which may read and write, but of what
is append-only change nothing, or close one column once. A trigger can be taken off by who owns the
table: the role that serves requests cannot. See docs/adr.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
import structlog
from asyncpg import Connection, Record

from chassis.reads import connect

log = structlog.get_logger()

# The revision is the owner's to write: a process that could change it could hide a missing table.
_READ_ONLY = ("alembic_version",)
_ROLE = "select oid::regrole::text as name from pg_roles where rolname = $1"
_ENTER = """
revoke all on all tables in schema public from {role};
grant usage on schema public to {role};
grant usage on all sequences in schema public to {role};
grant select, insert, update, delete on all tables in schema public to {role};
"""
# Whoever owns a table, or can become its owner, takes off the trigger that guards it.
_LOOSE = """
select c.relname from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relname = any($1::text[])
  and (pg_has_role(current_user, c.relowner, 'MEMBER')
       or has_table_privilege(c.oid, 'DELETE, TRUNCATE, TRIGGER, UPDATE'))
order by 1
"""


def role_of(url: str) -> str:
    """The role that signs in with this URL."""
    return unquote(urlsplit(url).username or "")


async def let_in(
    owner: str,
    role: str,
    append_only: Mapping[str, str | None],
    expiring: Collection[str] = (),
) -> None:
    """As `owner`, give `role` what a service needs and no more, in one transaction: a process that
    works meanwhile never meets a moment without. Repeated after each migration."""
    connection = await connect(owner)
    try:
        async with connection.transaction():
            await connection.execute("set local lock_timeout = '5s'")
            name = await connection.fetchval(_ROLE, role)
            if name is None:
                raise LookupError(f"the database server knows no role {role}")
            await connection.execute(_ENTER.format(role=name))
            await _withhold(connection, name, append_only, expiring)
    finally:
        await connection.close()


async def _withhold(
    connection: "Connection[Record]",
    role: str,
    append_only: Mapping[str, str | None],
    expiring: Collection[str],
) -> None:
    for table in _READ_ONLY:
        await connection.execute(f"revoke insert, update, delete on {table} from {role}")
    for table, closing in append_only.items():
        withheld = "update" if table in expiring else "update, delete"
        await connection.execute(f"revoke {withheld} on {table} from {role}")
        if closing is not None:
            await connection.execute(f"grant update ({closing}) on {table} to {role}")


async def loose_tables(connection: "Connection[Record]", tables: Collection[str]) -> list[str]:
    """Append-only tables that whoever is connected could rewrite in spite of their triggers."""
    return [row["relname"] for row in await connection.fetch(_LOOSE, list(tables))]


async def say_what_is_loose(app: Any) -> None:
    """Say once, at start, when the process could rewrite what it must only add to."""
    service = app.state.service
    tables = set(service.append_only) - set(service.expiring)
    while tables:
        try:
            async with app.state.reads.connection() as connection:
                found = await loose_tables(connection, tables)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(1)
            continue
        if found:
            log.warning("service_owns_its_tables", guarded_by="triggers alone", tables=found)
        return
