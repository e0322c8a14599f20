"""Hash chains: number and link things after their commit, in commit order, without a gap.

Several copies may run: an advisory lock, taken in a statement of its own, lets one work at a time.
Taking it inside the query would read the snapshot from before the wait and renumber what was
already published.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from asyncpg import Connection, Record

from chassis.canonical import canonical, sha256

GENESIS = "0" * 64
_LOCK = "select pg_advisory_xact_lock(8, hashtext($1))"
_HEAD = "select sequence, hash, xid::text as xid, pos from chain_head where chain = $1"
_MOVE_HEAD = """
insert into chain_head (chain, sequence, hash, xid, pos) values ($1, $2, $3, $4::text::xid8, $5)
on conflict (chain) do update set sequence = excluded.sequence, hash = excluded.hash,
  xid = excluded.xid, pos = excluded.pos
"""
_LINK = """
insert into chain_link (chain, sequence, ref, prevhash, hash)
select $1, * from unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[])
"""
# Behind the horizon nothing can still appear: an id below it belongs to a finished transaction.
# A sequence number alone commits out of order and would lose about one row in five under load.
BEHIND_HORIZON = """
(xid, pos) > ($1::text::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
order by xid, pos limit 500
"""


@dataclass(frozen=True)
class Chain:
    """`name`, and a query for its things in commit order.

    The query takes $1 (xid) and $2 (pos), ends with `BEHIND_HORIZON`, and yields `id`, `xid`,
    `pos` and the columns from which `body` makes the JSON value that is hashed. `linked` yields the
    same columns with `sequence`, `prevhash`, `hash` and `ref` (null when the thing is gone) for the
    links after $1 up to $2. `source` is what `query` reads, with `t` for the table. `table` and
    `key` say where the rows of a chain of whole rows stand.
    """

    name: str
    query: str
    body: Callable[[Record], dict[str, Any]]
    linked: str = ""
    source: str = ""
    table: str = ""
    key: str = ""


def placed(body: Mapping[str, Any], sequence: int, prevhash: str) -> dict[str, Any]:
    """`body` with its place in a chain: what is hashed."""
    return {**body, "sequence": sequence, "prevhash": prevhash}


def _row(row: Record) -> dict[str, Any]:
    # without what is null, so that a column that is added later changes no hash from before
    return {name: value for name, value in orjson.loads(row["row"]).items() if value is not None}


def whole_rows(name: str, table: str, key: str = "id") -> Chain:
    """A chain of rows, each hashed as the JSON object that PostgreSQL makes of it: a change of any
    column shows. The table has the columns `xid` and `pos`."""
    return Chain(
        name=name,
        query=f"select t.{key} as id, t.xid, t.pos, row_to_json(t)::text as row"  # noqa: S608
        f" from {table} t where {BEHIND_HORIZON}",
        body=_row,
        linked=linked_to(name, f"row_to_json(t)::text as row from {table} t where t.{key} = l.ref"),
        source=f"{table} t",
        table=table,
        key=key,
    )


def linked_to(name: str, thing: str) -> str:
    """The query of `Chain.linked` around one that finds the thing of a link `l`. Lateral, so that
    each is looked up by its key: joined, a page of a long chain would read the whole table."""
    return (
        f"select l.sequence, l.prevhash, l.hash, t.* from chain_link l left join lateral"  # noqa: S608
        f" (select true as ref, {thing} limit 1) t on true"
        f" where l.chain = '{name}' and l.sequence > $1 and l.sequence <= $2 order by l.sequence"
    )


def link(sequence: int, prevhash: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """`body` with its place in a chain: `sequence`, `prevhash`, and `hash` over all the rest."""
    whole = placed(body, sequence, prevhash)
    return {**whole, "hash": sha256(canonical(whole))}


async def seal(connection: "Connection[Record]", chain: Chain) -> int:
    """Link what has been committed since the last time; how many things that was."""
    async with connection.transaction():
        await connection.execute(_LOCK, chain.name)
        head = await connection.fetchrow(_HEAD, chain.name)
        at = (head["xid"], head["pos"]) if head else ("0", 0)
        rows = await connection.fetch(chain.query, *at)
        if rows:
            await _append(connection, chain, head, rows)
        return len(rows)


async def _append(
    connection: "Connection[Record]", chain: Chain, head: Record | None, rows: list[Record]
) -> None:
    sequence, previous = (head["sequence"], head["hash"]) if head else (0, GENESIS)
    links = []
    for row in rows:
        sequence += 1
        linked = link(sequence, previous, chain.body(row))
        links.append((sequence, row["id"], previous, linked["hash"]))
        previous = linked["hash"]
    columns = [list(column) for column in zip(*links, strict=True)]
    await connection.execute(_LINK, chain.name, *columns)
    last = rows[-1]
    await connection.execute(
        _MOVE_HEAD, chain.name, sequence, previous, str(last["xid"]), last["pos"]
    )


def broken_at(
    things: Iterable[Mapping[str, Any]], after: str = GENESIS, since: int = 0
) -> int | None:
    """The first sequence at which a list of linked things does not hold, or None.

    Finds any edit, deletion, insertion or reorder; truncation at the end only shows against a
    checkpoint kept elsewhere.
    """
    for expected, thing in enumerate(things, start=since + 1):
        body = {k: v for k, v in thing.items() if k != "hash"}
        is_next = thing["sequence"] == expected and thing["prevhash"] == after
        if not is_next or sha256(canonical(body)) != thing["hash"]:
            return expected
        after = thing["hash"]
    return None
