"""The parts of an XLSX file, unpacked within limits: whoever sends one decides what is in it.

Nothing that the file declares about itself is believed: bytes are counted as they come out, the
directory is measured before it is read, and a document type, which alone could define entities, is
refused by its mere presence.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from chassis.sheets import SheetRefused

MOST_UNPACKED = 268_435_456
MOST_RATIO = 200
_RATIO_COUNTS_FROM = 8_388_608  # a small file that repeats itself harms nobody
_MOST_DIRECTORY = 262_144
_END = b"PK\x05\x06"
_PIECE = 65_536
# What no honest part has, and the parser would keep: elements within elements, names that differ,
# and one tag or comment as long as this
_MOST_DEPTH = 32
_MOST_NAMES = 10_000
_LONGEST_TAG = 1_048_576
_BROKEN = (BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, struct.error,
           OSError, ValueError)  # fmt: skip


@contextmanager
def broken_is_refused() -> Iterator[None]:
    """Whatever the libraries say of a file that is none becomes one refusal."""
    try:
        yield
    except (*_BROKEN, expat.ExpatError, KeyError) as error:
        raise SheetRefused("XLSX_BROKEN") from error


class Package:
    """An open file and what was unpacked of it so far."""

    def __init__(self, path: Path) -> None:
        _measure_directory(path)
        with broken_is_refused():
            self._zip = ZipFile(path)
        self._packed = path.stat().st_size
        self._unpacked = 0

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self._zip.NameToInfo

    def pieces(self, name: str, most: int = MOST_UNPACKED) -> Iterator[bytes]:
        """A part, unpacked piece by piece; refused where it becomes too much."""
        left = most
        with broken_is_refused(), self._zip.open(name) as part:
            while piece := part.read(_PIECE):
                self._count(len(piece))
                left -= len(piece)
                if left < 0:
                    raise too_large()
                yield piece

    def _count(self, length: int) -> None:
        self._unpacked += length
        is_bomb = self._unpacked > max(_RATIO_COUNTS_FROM, MOST_RATIO * self._packed)
        if is_bomb or self._unpacked > MOST_UNPACKED:
            raise too_large()


def too_large() -> SheetRefused:
    """More than a table is, or without measure."""
    return SheetRefused("XLSX_UNPACKS_TOO_LARGE", max=MOST_UNPACKED // 1_048_576)


def _measure_directory(path: Path) -> None:
    # ZipFile reads the whole directory into memory: 32 MiB of it would take ten times as much
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise SheetRefused("FILE_NOT_OF_ITS_TYPE", expected="XLSX")
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise SheetRefused("XLSX_BROKEN")
    (length,) = struct.unpack_from("<I", tail, at + 12)
    if length > _MOST_DIRECTORY:  # also says so of the 64-bit form, which no such file needs
        raise too_large()


class Events:
    """Runs a part through expat; subclasses say what elements mean, by their local names."""

    def __init__(self) -> None:
        self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.EntityDeclHandler = _refuse_doctype
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._elements()
        self._parser.CharacterDataHandler = self.text
        self._parser.StartNamespaceDeclHandler = lambda *_: None  # so that their names count, too

    def _elements(self) -> tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]]:
        # a closure, since it runs for every element: a sheet has millions
        start, end, depth = self.start, self.end, 0

        def begin(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > _MOST_DEPTH:
                raise too_large()
            start(name.rpartition(" ")[2], attributes)

        def finish(name: str) -> None:
            nonlocal depth
            depth -= 1
            end(name.rpartition(" ")[2])

        return begin, finish

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text within an element."""

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """More of the part."""
        with broken_is_refused():
            self._parser.Parse(piece, is_last)
        self._fed += len(piece)
        is_endless = self._fed - self._parser.CurrentByteIndex > _LONGEST_TAG
        if is_endless or len(self._parser.intern) > _MOST_NAMES:
            raise too_large()

    def whole(self, pieces: Iterator[bytes]) -> None:
        """The part from its beginning to its end."""
        for piece in pieces:
            self.feed(piece)
        self.feed(b"", is_last=True)


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]


def _refuse_doctype(*_: Any) -> None:
    raise SheetRefused("XLSX_HAS_DOCTYPE")


class Collect(Events):
    """Hands over the attributes of each element of some names."""

    def __init__(self, take: Callable[[str, dict[str, str]], None]) -> None:
        super().__init__()
        self._take = take

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._take(name, {local(key): value for key, value in attributes.items()})
