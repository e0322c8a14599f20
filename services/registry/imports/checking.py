"""A file is read: line by line into rows, each with everything that is to be said about it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from chassis import clock
from chassis.canonical import canonical, sha256
from chassis.csv_sheet import read_csv
from chassis.db import AsyncSession
from chassis.errors import Finding
from chassis.sheets import Described, Line, Mark, SheetRefused
from chassis.xlsx_sheet import read_xlsx
from services.registry.code_lists.repository import Codes, Divisions
from services.registry.imports.columns import (
    FORMS,
    Column,
    ImportField,
    header_findings,
    understood,
)
from services.registry.imports.judging import judge
from services.registry.imports.models import Import, ImportRow
from services.registry.imports.places import Places, authority_of
from services.registry.imports.schemas import CSV
from services.registry.imports.service import as_json
from services.registry.imports.states import ImportMode, RowOutcome
from services.registry.imports.values import Entry, Understanding, stated
from services.registry.law.repository import law_on
from services.registry.law.rules import Law
from services.registry.names import fold, name_key
from services.registry.operations import service as operations

CHUNK = 200
MOST_ROWS = 200_000
MOST_AT_ONCE = 2_000  # of an import that is all or nothing: it is one transaction


@dataclass
class Sheet:
    """An open file: how it was understood, its columns, and the lines that are left."""

    told: Described
    columns: list[Column]
    lines: Iterator[Line]
    is_csv: bool

    async def chunk(self) -> list[Line]:
        """The next lines; read beside the loop that answers requests."""
        return await asyncio.to_thread(lambda: list(islice(self.lines, CHUNK)))


@dataclass
class Tables:
    """The reference tables with which rows are read."""

    understanding: Understanding
    laws: Mapping[str, Law]


async def open_sheet(found: Import, path: Path) -> Sheet:
    """The file, as far as its header."""
    is_csv = found.media == CSV

    def begin() -> tuple[Described, Iterator[Line], Line | None]:
        told, lines = (
            read_csv(path, encoding=found.encoding, separator=found.separator)
            if is_csv
            else read_xlsx(path)
        )
        return told, lines, next(lines, None)

    told, lines, header = await asyncio.to_thread(begin)
    if header is None:
        raise SheetRefused("FILE_EMPTY")
    return Sheet(told, understood(header.cells, found.mapping), lines, is_csv)


async def tables(session: AsyncSession) -> Tables:
    """Places, activities and the law of today."""
    today = clock.today()
    divisions = await Divisions(session).all()
    sectors = {}
    for entry in await Codes(session).of_list("sectors"):
        sectors[entry.code] = entry.code
        sectors.setdefault(fold(entry.label_fr), entry.code)
    laws = {form: await law_on(session, today, form) for form in FORMS}
    return Tables(Understanding(Places(divisions), sectors, today), laws)


def file_findings(found: Import, sheet: Sheet) -> list[Finding]:
    """What is wrong or was guessed about the file as a whole."""
    guesses = [Finding(code=code, pointer="", severity="WARN") for code in sheet.told.guesses]
    return [*guesses, *header_findings(sheet.columns, found.mapping)]


def describe(found: Import, sheet: Sheet, about: Sequence[Finding]) -> None:
    """Write down how the file was understood."""
    found.encoding = sheet.told.encoding or found.encoding
    found.separator = sheet.told.separator or found.separator
    found.sheet = sheet.told.sheet
    found.columns = sheet.columns
    found.findings = [as_json(finding) for finding in about]


async def stage(
    session: AsyncSession, found: Import, sheet: Sheet, lines: Sequence[Line], using: Tables
) -> None:
    """Keep some rows, judged; how far the file was read is kept with them."""
    said: dict[int, list[Finding]] = {}
    rows = []
    for line in lines:
        row, about = _row(found, sheet, line, using.understanding)
        rows.append(row)
        said[line.number] = about
    told = await judge(session, found, rows, using.laws, said)
    for row, about in zip(rows, told, strict=True):
        row.findings = [as_json(finding) for finding in about]
    session.add_all(rows)
    found.staged_through = lines[-1].number
    count = sum(found.counts.values()) + len(rows)
    found.counts = _counted(found.counts, rows)
    refuse_too_many(found, count)
    await session.flush()
    await operations.proceed(session, found.operation_id, count)


def _counted(counts: Mapping[str, int], rows: Sequence[ImportRow]) -> dict[str, int]:
    found = dict(counts)
    for row in rows:
        found[row.outcome.value] = found.get(row.outcome.value, 0) + 1
    return found


def refuse_too_many(found: Import, count: int) -> None:
    """A file has an end, and what is all or nothing fits into one transaction."""
    if count > MOST_ROWS:
        raise SheetRefused("FILE_TOO_MANY_ROWS", max=MOST_ROWS)
    if found.mode is ImportMode.ATOMIC and count > MOST_AT_ONCE:
        raise SheetRefused("IMPORT_TOO_LARGE_FOR_ATOMIC", max=MOST_AT_ONCE)


def _row(
    found: Import, sheet: Sheet, line: Line, understanding: Understanding
) -> tuple[ImportRow, list[Finding]]:
    cells, marks = _cells(sheet.columns, line)
    entry, about = understanding.of(cells, marks)
    about = [*_shape(sheet, line), *about]
    said = {at.value: text for at, text in cells.items()}
    plain = {at: text for at, text in said.items() if at != ImportField.ROW_ID}
    digest = sha256(canonical(plain))
    own = stated(said, ImportField.ROW_ID)
    row = ImportRow(
        import_id=found.id,
        number=line.number,
        key=f"id:{own[:200]}" if own else f"sha256:{digest}",
        digest=digest,
        name_key=name_key(entry.name)[:200] if entry.name else None,
        authority_code=authority_of(entry.path),
        said=said,
        entry=_entry(entry),
        outcome=RowOutcome.BLOCKED,
    )
    return row, about


def _entry(entry: Entry) -> dict[str, Any]:
    return asdict(entry)


def _cells(
    columns: Sequence[Column], line: Line
) -> tuple[dict[ImportField, str], dict[ImportField, Mark]]:
    said: dict[ImportField, str] = {}
    marks: dict[ImportField, Mark] = {}
    for column in columns:
        n, field = column["index"], column["field"]
        if field is None or n >= len(line.cells):
            continue
        if (text := line.cells[n]) is not None:
            said[ImportField(field)] = text
        if n in line.marks:
            marks[ImportField(field)] = line.marks[n]
    return said, marks


def _shape(sheet: Sheet, line: Line) -> list[Finding]:
    """A row that is wider than the header was torn, and every cell may stand in a wrong column."""
    width = len(sheet.columns)
    if any(line.cells[width:]):
        return [Finding(code="ROW_TOO_WIDE", pointer="", params={"max": width})]
    if sheet.is_csv and len(line.cells) < width:
        return [Finding(code="ROW_TOO_SHORT", pointer="", severity="WARN", params={"min": width})]
    return []
