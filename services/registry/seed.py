"""Reference data of the registry: places, activities, languages. Harmless when repeated."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from asyncpg import Connection, Record

from chassis.imprints import WRITING
from services.registry.purposes import NAMED

_DATA = Path(__file__).resolve().parents[2] / "data"
_LAW = Path(__file__).with_name("law")
_RETENTION = Path(__file__).with_name("retention")
_REASONS = Path(__file__).with_name("decisions") / "reasons.csv"
_DESK = Path(__file__).with_name("desk")
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
_PUT_RULE = """
insert into law_rule (rule, code, legal_form, value, severity, law_ref, confidence, is_on,
  valid_from, valid_to, note)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (rule, legal_form, valid_from) do update set code = excluded.code,
  value = excluded.value, severity = excluded.severity, law_ref = excluded.law_ref,
  confidence = excluded.confidence, is_on = excluded.is_on, valid_to = excluded.valid_to,
  note = excluded.note
"""
# the file is the whole of the law: a rule that ended stays in it, with the day; one that is gone
# from it was none
_DROP_RULES = """
delete from law_rule where (rule, legal_form, valid_from) not in (
  select * from unnest($1::text[], $2::text[], $3::date[])
)
"""
# a period that was changed here stays as it was decided
_PUT_PERIOD = """
insert into retention_rule (code, days, confidence, is_on, note) values ($1, $2, $3, $4, $5)
on conflict (code) do nothing
"""
# What an operator said about a day, or a deployment about a target, is not overwritten.
_PUT_HOLIDAY = """
insert into holiday ("on", name_fr, name_en, is_observed, source) values ($1, $2, $3, true, $4)
on conflict do nothing
"""
_PUT_TARGET = """
insert into service_target (code, valid_from, days, unit, basis) values ($1, $2, $3, $4, $5)
on conflict do nothing
"""
_HOLIDAY_YEARS = range(2020, 2051)
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
        await connection.execute(WRITING)
        await connection.executemany(_PUT_PLACE, list(_places()))
        await connection.executemany(_PUT_CODE, list(_codes()))
        rules = list(_rules())
        await connection.executemany(_PUT_RULE, rules)
        keys = [(rule, form, since) for rule, _, form, *_, since, _, _ in rules]
        await connection.execute(_DROP_RULES, *zip(*keys, strict=True))
        await connection.executemany(_PUT_PERIOD, list(_periods()))
        await connection.executemany(_PUT_HOLIDAY, list(_holidays()))
        await connection.executemany(_PUT_TARGET, list(_targets()))


def _rows(name: str | Path) -> list[dict[str, str]]:
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
    for row in _rows("document_types.csv"):
        yield "document-types", row["code"], None, row["label_fr"], row["label_en"]
    for row in _rows(_REASONS):
        group = row["group"] or None
        yield "rejection-reasons", row["code"], group, row["label_fr"], row["label_en"]
    for code, fr, en in _FUNCTIONS:
        yield "functions", code, None, fr, en
    for purpose, (fr, en) in NAMED.items():
        yield "purposes-of-use", purpose.value, None, fr, en


def _periods() -> Iterator[tuple[object, ...]]:
    with (_RETENTION / "rules.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            is_on = row["is_on"] == "yes"
            yield row["code"], int(row["days"]), row["confidence"], is_on, row["note"]


def _holidays() -> Iterator[tuple[object, ...]]:
    for row in _rows("holidays.csv"):
        month, day = int(row["month"]), int(row["day"])
        for year in _HOLIDAY_YEARS:
            yield date(year, month, day), row["name_fr"], row["name_en"], row["source"]


def _targets() -> Iterator[tuple[object, ...]]:
    with (_DESK / "targets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            since, days = date.fromisoformat(row["valid_from"]), int(row["days"])
            yield row["code"], since, days, row["unit"], row["basis"]


def _rules() -> Iterator[tuple[object, ...]]:
    with (_LAW / "rules.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            plain = [row[name] for name in ("rule", "code", "legal_form", "value", "severity")]
            yield (
                *plain,
                row["law_ref"] or None,
                row["confidence"],
                row["is_on"] == "yes",
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                row["note"],
            )
