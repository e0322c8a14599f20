"""Reference data of the registry: places, activities, languages. Harmless when repeated."""

import csv
from collections.abc import Iterator
from pathlib import Path

from asyncpg import Connection, Record

_DATA = Path(__file__).resolve().parents[2] / "data"
_PUT_PLACE = """
insert into division (code, level, parent_code, name, path) values ($1, $2, $3, $4, $5)
on conflict (code) do update set level = excluded.level, parent_code = excluded.parent_code,
  name = excluded.name, path = excluded.path
"""
_PUT_CODE = """
insert into code_entry (list_name, code, parent_code, label_fr, label_en)
values ($1, $2, $3, $4, $5)
on conflict (list_name, code) do update set parent_code = excluded.parent_code,
  label_fr = excluded.label_fr, label_en = excluded.label_en
"""
_FUNCTIONS = [
    ("PRESIDENT", "Président(e)", "President"),
    ("VICE_PRESIDENT", "Vice-président(e)", "Vice-president"),
    ("SECRETARY", "Secrétaire", "Secretary"),
    ("TREASURER", "Trésorier(ère)", "Treasurer"),
    ("MEMBER", "Membre", "Member"),
]


async def seed(connection: "Connection[Record]") -> None:
    """Load every reference list."""
    async with connection.transaction():
        await connection.executemany(_PUT_PLACE, list(_places()))
        await connection.executemany(_PUT_CODE, list(_codes()))


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _places() -> Iterator[tuple[str, str, str, str, list[str]]]:
    rows = {row["code"]: row for row in _rows("divisions.csv")}
    for code, row in rows.items():
        path = [code]
        while (parent := rows[path[-1]]["parent_code"]) in rows:
            path.append(parent)
        yield code, row["level"], row["parent_code"], row["name"], [*path, "SN"]


def _codes() -> Iterator[tuple[str, str, str | None, str, str]]:
    for row in _rows("sectors.csv"):
        yield "sectors", row["code"], row["parent"] or None, row["label_fr"], row["label_en"]
    for row in _rows("languages.csv"):
        yield "languages", row["bcp47"], None, row["label_fr"], row["label_en"]
    for code, fr, en in _FUNCTIONS:
        yield "functions", code, None, fr, en
