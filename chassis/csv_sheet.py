"""Text files with separators, as spreadsheets write them: UTF-8 with and without a byte order
mark, Windows-1252; comma, semicolon, tabulation or bar."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from chassis.sheets import LONGEST_CELL, MOST_COLUMNS, Described, Line, SheetRefused, cell

_SEPARATORS = (",", ";", "\t", "|")
_LONGEST_LINE = 1_048_576
_PIECE = 1_048_576
_TEXT_OF_OTHERS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")


def read_csv(
    path: Path, *, encoding: str | None = None, separator: str | None = None
) -> tuple[Described, Iterator[Line]]:
    """The file as lines. What is not said is found out, and guesses are told."""
    found, guesses = _encoding(path, encoding)
    between = separator or _separator(path, found)
    told = Described(encoding=found, separator=between, guesses=guesses)
    return told, _lines(path, found, between)


def _encoding(path: Path, said: str | None) -> tuple[str, tuple[str, ...]]:
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_TEXT_OF_OTHERS):
        raise SheetRefused("FILE_ENCODING_UNKNOWN")
    if start.startswith(_NO_TEXT):
        raise SheetRefused("FILE_NOT_OF_ITS_TYPE", expected="CSV")
    is_marked = start.startswith(codecs.BOM_UTF8)
    if said not in (None, "UTF-8") and not is_marked:
        return _demanded(path, said)
    if _decodes(path, "utf-8"):
        return "UTF-8", ()
    if said is not None or is_marked:
        raise SheetRefused("FILE_ENCODING_UNKNOWN")
    return _demanded(path, "WINDOWS-1252", "FILE_ENCODING_ASSUMED")


def _demanded(path: Path, name: str, *guesses: str) -> tuple[str, tuple[str, ...]]:
    # five bytes mean nothing in Windows-1252: a file that has them is something else
    if not _decodes(path, "cp1252"):
        raise SheetRefused("FILE_ENCODING_UNKNOWN")
    return name, guesses


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _open(path: Path, encoding: str) -> TextIO:
    codec = "utf-8-sig" if encoding == "UTF-8" else "cp1252"
    return path.open(encoding=codec, newline="")


def _separator(path: Path, encoding: str) -> str:
    with _open(path, encoding) as file:
        first = next((line for line in _physical(file) if line.strip()), "")
    counts = [len(next(csv.reader([first], delimiter=one), [])) for one in _SEPARATORS]
    return _SEPARATORS[counts.index(max(counts))]


def _physical(file: TextIO) -> Iterator[str]:
    while line := file.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise SheetRefused("FILE_LINE_TOO_LONG", max=_LONGEST_LINE)
        if "\x00" in line:
            raise SheetRefused("FILE_NOT_OF_ITS_TYPE", expected="CSV")
        yield line


def _lines(path: Path, encoding: str, separator: str) -> Iterator[Line]:
    with _open(path, encoding) as file:
        reader = csv.reader(_physical(file), delimiter=separator, strict=True)
        number = 1
        while (fields := _next(reader, number)) is not None:
            cells = tuple(map(cell, fields))
            _bound(cells, number)
            if any(cells):
                yield Line(number, cells)
            number = reader.line_num + 1


def _next(reader: "csv._reader", number: int) -> list[str] | None:  # type: ignore[name-defined]
    try:
        return next(reader, None)
    except csv.Error as error:  # a quote that never ends, or text after one that did
        raise SheetRefused("FILE_ROW_BROKEN", row=number) from error


def _bound(cells: tuple[str | None, ...], number: int) -> None:
    if len(cells) > MOST_COLUMNS:
        raise SheetRefused("FILE_TOO_WIDE", row=number, max=MOST_COLUMNS)
    if any(one is not None and len(one) > LONGEST_CELL for one in cells):
        raise SheetRefused("FILE_CELL_TOO_LONG", row=number, max=LONGEST_CELL)
