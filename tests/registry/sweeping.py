"""Every way to alter one thing in any table of a database, made from its catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass

from asyncpg import Connection, Record

_COLUMNS = """
select c.relname as table, a.attname as name, a.attnotnull as is_always, t.typname as type,
  a.attidentity <> '' as counts,
  exists (select from pg_index i where i.indrelid = c.oid and i.indisunique
    and a.attnum = any(i.indkey)) as is_unique,
  exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary
    and a.attnum = any(i.indkey)) as is_key,
  (select regexp_matches(pg_get_constraintdef(k.oid), '^CHECK \\(\\(\\(' || a.attname
      || '\\)::text = ANY \\(\\(ARRAY\\[(.*)\\]\\)::text'))[1] as words
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_constraint k on k.conrelid = c.oid and k.contype = 'c'
  and k.conkey = array[a.attnum] and pg_get_constraintdef(k.oid) like '%ANY%'
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attgenerated = ''
order by 1, a.attnum
"""
# How to make other values of a type, whatever the one before was.
_OTHERS: dict[str, tuple[str, ...]] = {
    "uuid": ("gen_random_uuid()",),
    "xid8": ("((coalesce({0}, '0')::text::bigint + 1)::text)::xid8",),
    "text": ("coalesce({0}, '') || 'x'", "overlay({0} placing '7' from 1 for 1)"),
    "bytea": ("set_byte({0}, length({0}) / 2, 255 - get_byte({0}, length({0}) / 2))",),
    "int2": ("coalesce({0}, 0) + 1", "{0} - 1"),
    "int4": ("coalesce({0}, 0) + 1", "{0} - 1"),
    "int8": ("coalesce({0}, 0) + 1", "{0} - 1"),
    "bool": ("not coalesce({0}, false)",),
    "date": ("coalesce({0}, '2026-01-01') + 1", "{0} - 1"),
    "timestamptz": ("coalesce({0}, now()) + interval '1 microsecond'",),
    "_text": ("array_append({0}, 'x')", "{0}[2:]"),
    "_int4": ("array_append({0}, 7)",),
    "_uuid": ("array_append({0}, gen_random_uuid())", "{0}[2:]"),
    "daterange": ("daterange(lower({0}) + 1, upper({0}))", "daterange(lower({0}), '2030-01-01')"),
    "tstzrange": (
        "tstzrange(lower({0}) + interval '1 microsecond', upper({0}))",
        "tstzrange(lower({0}), now())",
    ),
    "jsonb": (
        "{0} || (case jsonb_typeof({0}) when 'array' then '[7]' else '{{\"x\": null}}' end)::jsonb",
        "case jsonb_typeof({0}) when 'array' then {0} - 0 else {0} - (select min(k) from"
        " jsonb_object_keys(case jsonb_typeof({0}) when 'object' then {0} else '{{}}' end) k) end",
    ),
}
_OTHERS["varchar"] = _OTHERS["name"] = _OTHERS["text"]
_ROW = "ctid = (select ctid from {table} {where} order by md5(ctid::text || '{seed}') limit 1)"


@dataclass(frozen=True)
class Alteration:
    """One thing that somebody does; `ways` are tried until one is not refused by the table."""

    table: str
    what: str
    ways: tuple[str, ...]


async def columns(connection: "Connection[Record]") -> dict[str, list[Record]]:
    """Every column of every table."""
    found: dict[str, list[Record]] = {}
    for row in await connection.fetch(_COLUMNS):
        found.setdefault(row["table"], []).append(row)
    return found


def alterations(table: str, columns: list[Record], seed: str) -> Iterator[Alteration]:
    """All of one table."""
    quoted = f'"{table}"'
    for column in columns:
        yield from _edits(quoted, column, seed)
        if not column["is_key"]:
            yield _swap(quoted, column, seed)
    row = _ROW.format(table=quoted, where="", seed=seed)
    yield Alteration(table, "a row less", (f"delete from {quoted} where {row}",))
    yield Alteration(table, "no row left", (f"delete from {quoted}",))
    last = ", ".join(f'"{c["name"]}"' for c in columns if c["is_key"])
    where = f"ctid = (select ctid from {quoted} order by {last} desc limit 1)"
    yield Alteration(table, "the last row less", (f"delete from {quoted} where {where}",))
    yield _copy(quoted, columns, row)


def _edits(table: str, column: Record, seed: str) -> Iterator[Alteration]:
    name = f'"{column["name"]}"'
    for where, said in (
        (f"where {name} is not null", "another value"),
        (f"where {name} is null", "a value"),
    ):
        row = _ROW.format(table=table, where=where, seed=seed)
        ways = tuple(
            f"update {table} set {name} = {it} where {row} and {it} is distinct from {name}"
            for it in _others(column)
        )
        if said == "another value" or not column["is_always"]:
            yield Alteration(table.strip('"'), f"{said} in {column['name']}", ways)
    if not column["is_always"]:
        row = _ROW.format(table=table, where=f"where {name} is not null", seed=seed)
        way = f"update {table} set {name} = null where {row}"
        yield Alteration(table.strip('"'), f"no value in {column['name']}", (way,))


def _others(column: Record) -> Iterator[str]:
    name = f'"{column["name"]}"'
    if column["words"]:
        words = [word.split("::")[0].strip() for word in column["words"].split(", ")]
        for word, after in zip(words, [*words[1:], words[0]], strict=True):
            others = [after, *(w for w in words if w not in (word, after))]
            yield f"case {name} when {word} then {others[0]} else {word} end"
        return
    yield from (way.format(name) for way in _OTHERS[column["type"]])


def _swap(table: str, column: Record, seed: str) -> Alteration:
    name = f'"{column["name"]}"'
    first = f"(select ctid, {name} as v from {table} order by md5(ctid::text || '{seed}') limit 1)"
    way = (
        f"with a as {first}, b as (select t.ctid, t.{name} as v from {table} t, a"
        f" where t.{name} is distinct from a.v order by md5(t.ctid::text || '{seed}') limit 1)"
        f" update {table} t set {name} = case t.ctid when a.ctid then b.v else a.v end"
        " from a, b where t.ctid in (a.ctid, b.ctid)"
    )
    return Alteration(table.strip('"'), f"two rows with each other's {column['name']}", (way,))


def _copy(table: str, columns: list[Record], row: str) -> Alteration:
    """A row once more, with a key of its own; where it counts, as the next and as one of then."""
    ways = []
    for is_next in (True, False):
        names, values = [], []
        for column in columns:
            name = f'"{column["name"]}"'
            if is_next and (column["counts"] or column["type"] == "xid8"):
                continue
            names.append(name)
            values.append(next(_new(column, table)) if column["is_unique"] else name)
        ways.append(
            f"insert into {table} ({', '.join(names)}) overriding system value"
            f" select {', '.join(values)} from {table} where {row}"
        )
    return Alteration(table.strip('"'), "a row twice", tuple(ways))


def _new(column: Record, table: str) -> Iterator[str]:
    name = f'"{column["name"]}"'
    if column["type"] in ("int2", "int4", "int8"):
        yield f"(select max({name}) + 1 from {table})"
    yield from _others(column)
