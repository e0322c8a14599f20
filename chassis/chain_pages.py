"""Pages of a chain of whole rows, hashed as PostgreSQL writes them.

With its columns in the order of their names and without those that are null, the JSON of a row is
canonical already, unless a column is JSON itself. Whatever hashes to what its link says is, byte by
byte, what was linked; a page with anything else is left to who reads row by row and says what is
wrong. So nothing holds here that would not hold there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import orjson
from asyncpg import Connection, Record

from chassis.chain import Chain

_COLUMNS = """
select attname as name, quote_ident(attname) as quoted, attnotnull as is_always,
  format_type(atttypid, null) like 'json%' as is_nested
from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
"""
_PLACE = ("sequence", "prevhash")
_PAGE = """
select array_agg(sequence) as sequences, string_agg(prevhash, E'\\n') as before,
  string_agg(hash, E'\\n') as hashes, convert_to(string_agg(line, E'\\n'), 'UTF8') as lines
from (
  select l.sequence, l.prevhash, l.hash, t.line from chain_link l left join lateral (
    select row_to_json(r)::text as line
    from (select {columns} from {table} t where t.{key} = l.ref limit 1) r
  ) t on true
  where l.chain = '{name}' and l.sequence > $1 and l.sequence <= $2 order by l.sequence
) one
"""


@dataclass(frozen=True)
class Pages:
    """How the pages of one chain are read, and how columns that say nothing stand in them."""

    connection: "Connection[Record]"
    sql: str
    nulls: Sequence[tuple[bytes, bytes]]

    async def edges(self, after: int, until: int) -> tuple[str, str] | None:
        """What the first link after `after` follows, and the hash of the last up to `until`, if
        all links between are there, follow one another and are what was linked."""
        page = await self.connection.fetchrow(self.sql, after, until)
        if page is None or page["sequences"] != list(range(after + 1, until + 1)):
            return None
        before, hashes = page["before"].split("\n"), page["hashes"].split("\n")
        if before[1:] != hashes[:-1] or hashes != self._hashed(page["lines"] or b""):
            return None
        return before[0], hashes[-1]

    def _hashed(self, lines: bytes) -> list[str]:
        for null, instead in self.nulls:
            lines = lines.replace(null, instead)
        return [sha256(line).hexdigest() for line in lines.split(b"\n")]


async def pages_of(connection: "Connection[Record]", chain: Chain) -> Pages | None:
    """How to read the pages of a chain, if its rows are written in canonical form."""
    rows = await connection.fetch(_COLUMNS, chain.table) if chain.table else []
    names = [row["name"] for row in rows]
    if not rows or any(row["is_nested"] for row in rows) or not set(_PLACE).isdisjoint(names):
        return None
    if not "".join(names).isascii():  # others stand in another order in canonical form
        return None
    shown = {row["name"]: f"t.{row['quoted']}" for row in rows} | {n: f"l.{n}" for n in _PLACE}
    columns = ", ".join(shown[name] for name in sorted(shown))
    said = {"columns": columns, "table": chain.table, "key": chain.key, "name": chain.name}
    absent = [orjson.dumps(row["name"]) for row in rows if not row["is_always"]]
    nulls = [(b"%b:null," % name, b"") for name in absent]
    nulls += [(b",%b:null}" % name, b"}") for name in absent]
    return Pages(connection, _PAGE.format(**said), nulls)
