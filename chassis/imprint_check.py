"""Holds every row to what was noted of it: whoever changed one otherwise is seen."""

from collections.abc import AsyncIterator, Mapping

from asyncpg import Connection, Record

from chassis.imprints import NOW, key_of

_NAMED = 20  # sentences about one table
# What a row was before it was written must be what was noted last: else what somebody altered would
# be forgotten with the next act of the service. And no change, no note.
_COMPARE = """
with noted as (
  select key, digest, was, coalesce(lag(digest) over w, '') as before,
    lead(pos) over w is null as is_last
  from (select unnest(keys) collate "C" as key, unnest(digests) as digest,
      unnest(befores) as was, pos from imprint where of_table = '{table}') n
  window w as (partition by key order by pos)
), last as (
  select key, digest from noted where is_last
), now as (
  select {key} as key, {digest} as digest from {table} t
)
select case when was <> before then 'was altered before it was written again'
    else 'was noted twice' end as what, key
from noted where digest = before or was <> before
union all
select case when last.digest is null then 'was written by nobody'
    when now.digest is null then 'is gone' else 'is not what was written' end,
  coalesce(now.key, last.key)
from now full join last on last.key = now.key
where case when last.digest = '' then null else last.digest end is distinct from now.digest
limit {limit}
"""


async def departed(
    connection: "Connection[Record]", tables: Mapping[str, str]
) -> AsyncIterator[str]:
    """A sentence for each row that is not what was noted of it; some for each table."""
    for table, columns in tables.items():
        sql = _COMPARE.format(table=table, key=key_of(columns), digest=NOW, limit=_NAMED)
        for row in await connection.fetch(sql):
            yield f"{table} {row['key']} {row['what']}"
