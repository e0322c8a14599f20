"""What an XLSX file says around its sheets: their names, its calendar, its styles, its strings."""

import re
from collections.abc import Callable
from datetime import date

from chassis.sheets import LONGEST_CELL, SheetRefused
from chassis.xlsx_parts import Collect, Events, Package, too_large

MOST_CELLS = 5_000_000
MOST_STRINGS = 1_000_000
MOST_CHARACTERS = 33_554_432
_MOST_STYLES = 65_536  # more than a spreadsheet itself can hold
_MOST_NAMING = 4_194_304  # bytes that name sheets and where they are
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
# the numbers that stand for days among the formats that every reader knows
_DAYS = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
_FIRST_1900, _FIRST_1904 = date(1899, 12, 30), date(1904, 1, 1)


def whole_number(text: str | None) -> int:
    """A small whole number, or -1 for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else -1


class Book:
    """What the workbook says of its sheets, its calendar and its strings."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.sheets: list[dict[str, str]] = []
        self.first_day = _FIRST_1900
        self._targets: dict[str, str] = {}
        self.is_day: list[bool] = []
        self._collect("xl/workbook.xml", self._of_workbook)
        self._collect("xl/_rels/workbook.xml.rels", self._of_targets)
        if package.has("xl/styles.xml"):
            Styles(self).whole(package.pieces("xl/styles.xml"))
        self.strings = self._strings()

    def _collect(self, name: str, take: Callable[[str, dict[str, str]], None]) -> None:
        Collect(take).whole(self.package.pieces(name, _MOST_NAMING))

    def _of_workbook(self, name: str, said: dict[str, str]) -> None:
        if name == "sheet":
            self.sheets.append(said)
        elif name == "workbookPr" and said.get("date1904") in ("1", "true"):
            self.first_day = _FIRST_1904

    def _of_targets(self, name: str, said: dict[str, str]) -> None:
        if name == "Relationship":
            self._targets[said.get("Id", "")] = said.get("Target", "")

    def _strings(self) -> list[str]:
        if not self.package.has("xl/sharedStrings.xml"):
            return []
        found = Strings()
        found.whole(self.package.pieces("xl/sharedStrings.xml"))
        return found.known

    def visible(self) -> list[dict[str, str]]:
        """The sheets that a reader sees."""
        return [one for one in self.sheets if one.get("state", "visible") == "visible"]

    def part(self, sheet: dict[str, str]) -> str:
        """Where a sheet is in the file."""
        target = self._targets.get(sheet.get("id", ""), "")
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if not target or not self.package.has(name):
            raise SheetRefused("XLSX_BROKEN")
        return name


class Styles(Events):
    """Which styles of cells show a number as a day."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self._book = book
        self._days: set[int] = set(_DAYS)
        self._is_inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "cellXfs":
            self._is_inside = True
        elif name == "xf" and self._is_inside:
            self._book.is_day.append(whole_number(attributes.get("numFmtId")) in self._days)
        elif name == "numFmt":
            shown = _LITERAL.sub("", attributes.get("formatCode", "").lower())
            if "y" in shown or "d" in shown:
                self._days.add(whole_number(attributes.get("numFmtId")))
        if len(self._book.is_day) + len(self._days) > _MOST_STYLES:
            raise too_large()

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "cellXfs":
            self._is_inside = False


class Strings(Events):
    """The strings that cells share; how they are pronounced is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[str] = []
        self._parts: list[str] = []
        self._is_text = self._is_spoken = False
        self._characters = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._is_spoken = True
        self._is_text = name == "t" and not self._is_spoken

    def end(self, name: str) -> None:
        """An element ends."""
        self._is_text = False
        if name == "rPh":
            self._is_spoken = False
        elif name == "si":
            self.known.append("".join(self._parts))
            if len(self.known) > MOST_STRINGS:
                raise SheetRefused("XLSX_TOO_MANY_CELLS", max=MOST_CELLS)

    def text(self, data: str) -> None:
        """Text within an element."""
        if self._is_text:
            self._characters += len(data)
            if self._characters > MOST_CHARACTERS or len(self._parts) > LONGEST_CELL:
                raise SheetRefused("XLSX_UNPACKS_TOO_LARGE", max=MOST_CHARACTERS // 1_048_576)
            self._parts.append(data)
