"""Tables that people send as files, one line at a time: what a line is, and why a file is refused.

Whatever the format, a reader holds one piece of the file in memory and never the whole of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # what a spreadsheet itself can hold


class Mark(StrEnum):
    """What a reader noticed about a cell beside its text."""

    FORMULA = "FORMULA"  # its text is the value that was last computed
    FORMULA_WITHOUT_VALUE = "FORMULA_WITHOUT_VALUE"
    ERROR = "ERROR"


class SheetRefused(Exception):
    """The file cannot be read as a table; `code` has an entry in a `problems.toml`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Line:
    """One line with something in it; `number` is the one that a spreadsheet shows beside it."""

    number: int
    cells: tuple[str | None, ...]
    marks: Mapping[int, Mark] = field(default_factory=dict)


@dataclass(frozen=True)
class Described:
    """How a file was understood, and what of that was a guess (codes)."""

    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    guesses: tuple[str, ...] = ()


class Reader(Protocol):
    """Opens a file as lines; the first is the header."""

    def __call__(self, path: Path) -> tuple[Described, Iterator[Line]]: ...


def cell(text: str) -> str | None:
    """What a cell says, without the space around it; None when it says nothing."""
    return text.replace("\u00a0", " ").strip() or None
