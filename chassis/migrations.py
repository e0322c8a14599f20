"""One Alembic environment body for all services: each has its database and its own versions."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.sql.sqltypes import AutoString

from chassis.imprints import WRITING
from chassis.tables import Xid8


def _render(kind: str, thing: Any, autogenerate: Any) -> str | Literal[False]:
    # two types that Alembic would write with a module path it does not import
    if kind == "type" and isinstance(thing, Xid8):
        autogenerate.imports.add("from chassis.tables import Xid8")
        return "Xid8()"
    if kind == "type" and isinstance(thing, AutoString):
        return "sa.String()"
    return False


_OPTIONS: dict[str, Any] = {"compare_type": True, "render_item": _render}


def config(folder: Path, url: str) -> Config:
    """Alembic's settings for the migrations in `folder`."""
    made = Config()
    made.set_main_option("script_location", str(folder))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["url"] = url
    return made


def head(folder: Path) -> str | None:
    """The newest revision in `folder`."""
    return ScriptDirectory.from_config(config(folder, "")).get_current_head()


def upgrade(folder: Path, url: str, to: str = "head") -> None:
    """Bring the database at `url` to revision `to`."""
    command.upgrade(config(folder, url), to)


def run(metadata: MetaData) -> None:
    """The body of every `env.py`."""
    url: str = context.config.attributes["url"]
    asyncio.run(_run_online(url.replace("postgresql://", "postgresql+asyncpg://", 1), metadata))


async def _run_online(url: str, metadata: MetaData) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
    await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    context.configure(connection=connection, target_metadata=metadata, **_OPTIONS)
    with context.begin_transaction():
        # One migration at a time, and never a queue of requests behind a waiting DDL lock.
        connection.exec_driver_sql("select pg_advisory_xact_lock(9)")
        connection.exec_driver_sql("set local lock_timeout = '5s'")
        connection.exec_driver_sql(WRITING)
        context.run_migrations()


def make_append_only(op: Any, tables: Sequence[str]) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on `tables`, whoever asks."""
    op.execute(
        """
        create or replace function refuse_change() returns trigger language plpgsql as $$
        begin raise exception '% is append-only', tg_table_name using errcode = '23001'; end $$
        """
    )
    for table in tables:
        op.execute(
            f"create trigger {table}_rows before update or delete on {table}"
            " for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger {table}_all before truncate on {table}"
            " for each statement execute function refuse_change()"
        )


_CLOSING = """
create or replace function refuse_all_but_closing() returns trigger language plpgsql as $$
declare
  is_closing boolean := false;
begin
  if tg_op = 'UPDATE' and to_jsonb(old) - tg_argv[0] = to_jsonb(new) - tg_argv[0] then
    execute format('select upper_inf(($1).%1$I) and not upper_inf(($2).%1$I)'
      ' and lower(($1).%1$I) = lower(($2).%1$I)', tg_argv[0]) into is_closing using old, new;
  end if;
  if is_closing is not true then
    raise exception '% is append-only but for the end of its %', tg_table_name, tg_argv[0]
      using errcode = '23001';
  end if;
  return new;
end $$
"""


def make_closable(op: Any, tables: Mapping[str, str]) -> None:
    """Refuse every change of the rows of `tables` but one: the range in the column that is named,
    once it is open at its end, is closed; whoever asks. Name the same in `Service.append_only`."""
    make_append_only(op, [])
    op.execute(_CLOSING)
    for table, column in tables.items():
        op.execute(
            f"create trigger {table}_rows before update or delete on {table}"
            f" for each row execute function refuse_all_but_closing('{column}')"
        )
        op.execute(
            f"create trigger {table}_all before truncate on {table}"
            " for each statement execute function refuse_change()"
        )


def drop_append_only(op: Any) -> None:
    """Undo `make_append_only` and `make_closable` once their tables are gone."""
    op.execute("drop function if exists refuse_change()")
    op.execute("drop function if exists refuse_all_but_closing()")
