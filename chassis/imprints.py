"""What every row was when the service wrote it, so that whoever changes one otherwise is seen.

Rows that may change cannot be linked themselves. So a trigger of their table notes, for every
statement of the service, which rows it wrote and the SHA-256 of each, before and after (an empty
one: there was no row, or there is none); the notes are only added to, and hashed into a chain. See
`chassis.imprint_check` for who compares.

Only who says that they write as the service does leaves an imprint. An owner who changes a row at a
prompt, with triggers or without, leaves none and is seen; whoever says so all the same stands in
the chain with their name.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, Column, Index, MetaData, Table, Text, Uuid, text

from chassis.tables import ordered_columns

# The setting of a session that writes as the service does.
WRITES = {"mboolo.writes": "on"}
WRITING = "set local mboolo.writes = 'on'"
_AT_ONCE = 500  # rows in one note

# A row as text ends with nothing for each column that is null there: without the end, a column that
# is added later changes no digest from before.
_DIGEST = "encode(sha256(rtrim(convert_to({0}::text, 'UTF8'), ',)'::bytea)), 'hex')"
NOW, _BEFORE = _DIGEST.format("t"), _DIGEST.format("o")
_NOTE = """
insert into imprint (of_table, keys, digests, befores)
select '{table}', array_agg(key), array_agg(digest), array_agg(before)
from (
  select {key} as key, {digest} as digest, {before} as before,
    (row_number() over () - 1) / {at_once} as page
  from {rows}
) r group by page
"""
_FUNCTION = """
create or replace function imprint_{table}() returns trigger language plpgsql
set timezone to 'UTC' as $$
begin
  if current_setting('mboolo.writes', true) is distinct from 'on' then
    return null;
  elsif tg_op = 'INSERT' then {inserted};
  elsif tg_op = 'UPDATE' then {updated};
  else {deleted};
  end if;
  return null;
end $$
"""
_TRIGGERS = (
    "after insert on {table} referencing new table as new_rows",
    "after update on {table} referencing old table as old_rows new table as new_rows",
    "after delete on {table} referencing old table as old_rows",
)
_DIFFERING = """{table} t left join (
  select distinct on (key) key, digest
  from (select unnest(keys) as key, unnest(digests) as digest, pos from imprint
    where of_table = '{table}') n order by key, pos desc
) l on l.key = {key} where l.digest is distinct from {digest}"""
_CHANGED = "new_rows t join old_rows o on {same} where t is distinct from o"


def add_imprint_table(metadata: MetaData) -> None:
    """The notes; they belong into a chain, see `chassis.chain.whole_rows`."""
    Table(
        "imprint",
        metadata,
        Column("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
        *ordered_columns(),
        Column("of_table", Text, nullable=False),
        Column("keys", ARRAY(Text), nullable=False),
        Column("digests", ARRAY(Text), nullable=False),
        Column("befores", ARRAY(Text), nullable=True),
        Column("by_role", Text, nullable=False, server_default=text("session_user")),
        Index("ix_imprint_xid_pos", "xid", "pos"),
    )


def key_of(columns: str, row: str = "t") -> str:
    """The key of a row as text: the values of `columns`, named with commas between them."""
    return " || '/' || ".join(f'{row}."{one}"::text' for one in columns.split(","))


def _note(table: str, columns: str, rows: str, digest: str = NOW, before: str = "''") -> str:
    said = {"table": table, "key": key_of(columns), "at_once": _AT_ONCE, "rows": rows}
    return _NOTE.format(**said, digest=digest, before=before)


def imprint(op: Any, tables: Mapping[str, str]) -> None:
    """From now on note what is written into `tables`, each with the columns of its key; what stands
    there already is noted as it is. For migrations, in a session that writes as the service."""
    for table, columns in tables.items():
        op.execute(_function(table, columns))
        for trigger in _TRIGGERS:
            name, event = f"{table}_{trigger.split()[1]}_imprint", trigger.format(table=table)
            op.execute(
                f"create trigger {name} {event} for each statement"
                f" execute function imprint_{table}()"
            )
    imprint_anew(op, tables)


def _function(table: str, columns: str) -> str:
    same = " and ".join(f'o."{one}" = t."{one}"' for one in columns.split(","))
    return _FUNCTION.format(
        table=table,
        inserted=_note(table, columns, "new_rows t"),
        updated=_note(table, columns, _CHANGED.format(same=same), before=_BEFORE),
        deleted=_note(table, columns, "old_rows t", "''", NOW),
    )


def note_befores(op: Any, tables: Mapping[str, str]) -> None:
    """From now on note what rows were before, too: of imprints that were made without."""
    op.execute("alter table imprint add column if not exists befores text[]")
    for table, columns in tables.items():
        op.execute(_function(table, columns))


def imprint_anew(op: Any, tables: Mapping[str, str]) -> None:
    """Note the rows of `tables` that are not what was noted last. For migrations that change how
    the rows of a table are written, at their end: a column that is not null, one less."""
    op.execute("set local timezone to 'UTC'")
    for table, columns in tables.items():
        rows = _DIFFERING.format(table=table, key=key_of(columns), digest=NOW)
        op.execute(_note(table, columns, rows, before="coalesce(l.digest, '')"))


def drop_imprints(op: Any, tables: Mapping[str, str]) -> None:
    """Undo `imprint`."""
    for table in tables:
        op.execute(f"drop function if exists imprint_{table}() cascade")
