"""Reference data of training: places, tools, programmes, policies. Harmless when repeated."""

import csv
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from asyncpg import Connection, Record

_HERE = Path(__file__).resolve()
_PLACES = _HERE.parents[2] / "data" / "divisions.csv"
_CATALOGUE = _HERE.with_name("catalogue.toml")
_PUT_PLACE = """
insert into division (code, level, parent_code, name, path) values ($1, $2, $3, $4, $5)
on conflict (code) do update set level = excluded.level, parent_code = excluded.parent_code,
  name = excluded.name, path = excluded.path
"""
# A version that stands is never rewritten: a session may already have been held by it.
_PUT = """
insert into {table} ({columns})
select {columns} from jsonb_populate_recordset(null::{table}, $1)
on conflict do nothing
"""


async def seed(connection: "Connection[Record]") -> None:
    """Load every reference list."""
    catalogue = tomllib.loads(_CATALOGUE.read_text(encoding="utf-8"))
    async with connection.transaction():
        await connection.executemany(_PUT_PLACE, list(_places()))
        for table in ("tool", "tool_version", "programme", "programme_version", "policy"):
            await _put(connection, table, [_plain(row) for row in catalogue[table]])


async def _put(connection: "Connection[Record]", table: str, rows: list[dict[str, Any]]) -> None:
    columns = sorted({name for row in rows for name in row})
    sql = _PUT.format(table=table, columns=", ".join(columns))
    await connection.execute(sql, rows)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()
    }
    if "modules" in plain:
        plain["modules"] = [{"expected_output": None, **module} for module in plain["modules"]]
    return plain


def _places() -> Iterator[tuple[str, str, str, str, list[str]]]:
    with _PLACES.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    for code, row in rows.items():
        path = [code]
        while (parent := rows[path[-1]]["parent_code"]) in rows:
            path.append(parent)
        yield code, row["level"], row["parent_code"], row["name"], [*path, "SN"]
