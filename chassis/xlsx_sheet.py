"""The first visible sheet of an XLSX file, line by line.

A formula is never computed: its cell says what the spreadsheet showed when it was saved, and is
marked. Numbers become what people read; a number whose style is a date becomes that day.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from chassis.sheets import LONGEST_CELL, MOST_COLUMNS, Described, Line, Mark, SheetRefused, cell
from chassis.xlsx_book import MOST_CELLS, Book, whole_number
from chassis.xlsx_parts import Events, Package

_LAST_ROW = 1_048_576
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class Rows(Events):
    """The rows of a sheet; finished ones wait in `ready` for whoever feeds the parser."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.ready: list[Line] = []
        self._book = book
        self._end_of_days = (date.max - book.first_day).days + 1
        self._cells: dict[int, str | None] = {}
        self._marks: dict[int, Mark] = {}
        self._row = self._column = self._count = 0
        self._kind = self._style = ""
        self._has_formula = self._is_text = self._is_spoken = False
        self._parts: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._is_text = name in ("v", "t") and not self._is_spoken
        if name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._has_formula = True
        elif name == "rPh":
            self._is_spoken = True

    def _begin_row(self, said: str | None) -> None:
        number = self._row + 1 if said is None else whole_number(said)
        if not self._row < number <= _LAST_ROW:
            raise SheetRefused("XLSX_BROKEN")
        self._row, self._column = number, -1
        self._cells, self._marks = {}, {}

    def _begin_cell(self, said: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_CELLS:
            raise SheetRefused("XLSX_TOO_MANY_CELLS", max=MOST_CELLS)
        self._column = _column(said["r"]) if "r" in said else self._column + 1
        self._kind, self._style = said.get("t", "n"), said.get("s", "")
        self._has_formula, self._parts, self._length = False, [], 0

    def text(self, data: str) -> None:
        """Text within an element."""
        if self._is_text:
            self._length += len(data)
            if self._length > LONGEST_CELL:
                raise SheetRefused("FILE_CELL_TOO_LONG", row=self._row, max=LONGEST_CELL)
            self._parts.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        self._is_text = False
        if name == "c":
            self._end_cell()
        elif name == "row" and any(self._cells.values()):
            width = max(self._cells) + 1
            cells = tuple(self._cells.get(n) for n in range(width))
            self.ready.append(Line(self._row, cells, self._marks))
        elif name == "rPh":
            self._is_spoken = False

    def _end_cell(self) -> None:
        value = self._value("".join(self._parts))
        if value is None and not self._has_formula and self._kind != "e":
            return
        if self._column >= MOST_COLUMNS:
            raise SheetRefused("FILE_TOO_WIDE", row=self._row, max=MOST_COLUMNS)
        self._cells[self._column] = value
        if self._kind == "e":
            self._marks[self._column] = Mark.ERROR
        elif self._has_formula:
            has = value is not None
            self._marks[self._column] = Mark.FORMULA if has else Mark.FORMULA_WITHOUT_VALUE

    def _value(self, raw: str) -> str | None:
        if self._kind == "s":
            index = whole_number(raw.strip())
            if not 0 <= index < len(self._book.strings):
                raise SheetRefused("XLSX_BROKEN")
            return cell(self._book.strings[index])
        if self._kind == "e":
            return None
        if self._kind == "n" and raw.strip():
            return self._numeral(raw.strip())
        return cell(raw)

    def _numeral(self, raw: str) -> str:
        try:
            value = Decimal(raw)
        except InvalidOperation:
            raise SheetRefused("XLSX_BROKEN") from None
        style = whole_number(self._style)
        if not value.is_finite():
            raise SheetRefused("XLSX_BROKEN")
        is_day = 0 <= style < len(self._book.is_day) and self._book.is_day[style]
        if is_day and 1 <= value < self._end_of_days:
            return (self._book.first_day + timedelta(days=int(value))).isoformat()
        is_whole = -(10**15) < value < 10**15 and value == int(value)
        return str(int(value)) if is_whole else raw


def _column(reference: str) -> int:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise SheetRefused("XLSX_BROKEN")
    index = 0
    for letter in found[1]:
        index = index * 26 + ord(letter) - 64
    return index - 1


def read_xlsx(path: Path) -> tuple[Described, Iterator[Line]]:
    """The file as lines; sheets beside the first visible one are told of and left."""
    package = Package(path)
    try:
        book = Book(package)
        visible = book.visible()
        if not visible:
            raise SheetRefused("XLSX_BROKEN")
        name = book.part(visible[0])
    except BaseException:
        package.close()
        raise
    guesses = ("FILE_OTHER_SHEETS",) if len(visible) > 1 else ()
    told = Described(sheet=visible[0].get("name", "")[:100], guesses=guesses)
    return told, _lines(package, name, Rows(book))


def _lines(package: Package, name: str, rows: Rows) -> Iterator[Line]:
    try:
        for piece in package.pieces(name):
            rows.feed(piece)
            yield from rows.ready
            rows.ready.clear()
        rows.feed(b"", is_last=True)
        yield from rows.ready
    finally:
        package.close()
