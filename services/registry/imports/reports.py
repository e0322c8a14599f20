"""The report of an import as a table that opens in a spreadsheet, and does nothing there."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.answers import describe
from chassis.catalogue import Catalogue, Language
from chassis.reads import Reads
from services.registry.imports import repository
from services.registry.imports.service import as_finding

_PAGE = 500
_HEADER = {
    "fr": ("ligne", "resultat", "gravite", "colonne", "code", "constat", "remede", "reference",
           "nom", "cooperative_id"),
    "en": ("row", "outcome", "severity", "column", "code", "finding", "remedy", "law",
           "name", "cooperative_id"),
}  # fmt: skip
# What a spreadsheet takes for the beginning of a formula
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """The text as a spreadsheet shows it, and never runs it."""
    return f"'{text}" if text.startswith(_ACTIVE) else text


def columns_by_field(columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The title of the column that each field was read from."""
    return {one["field"]: one["column"] for one in columns if one["field"]}


def told(
    catalogue: Catalogue, language: Language, row: Mapping[str, Any], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The findings of a row with their sentences and the column that each is about."""
    found = [as_finding(one) for one in row["findings"]]
    return [
        {
            "law_ref": None,
            **one,
            "column": titles.get(one.get("pointer", "").lstrip("/")),
        }
        for one in describe(catalogue, language, found)
    ]


async def as_csv(
    reads: Reads,
    id: UUID,
    titles: Mapping[str, str],
    catalogue: Catalogue,
    language: Language,
) -> AsyncIterator[bytes]:
    """One line for each finding, and one for each row without any; page after page."""
    yield "\ufeff".encode() + _line(_HEADER[language])
    after = 0
    while page := await repository.rows(reads, id, after, _PAGE):
        after = page[-1]["number"]
        yield b"".join(
            _line(cells) for row in page for cells in _cells(row, titles, catalogue, language)
        )


def _cells(
    row: Any, titles: Mapping[str, str], catalogue: Catalogue, language: Language
) -> list[tuple[str, ...]]:
    first = (str(row["number"]), row["outcome"])
    last = (row["said"].get("name", ""), str(row["cooperative_id"] or ""))
    names = ("severity", "column", "code", "message", "remedy", "law_ref")
    found = told(catalogue, language, row, titles)
    return [(*first, *(str(one[name] or "") for name in names), *last) for one in found] or [
        (*first, *("" for _ in names), *last)
    ]


def _line(cells: tuple[str, ...]) -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerow(inert(cell) for cell in cells)
    return file.getvalue().encode()
