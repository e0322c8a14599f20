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

    def pieces(self, name: str) -> Iterator[bytes]:
        """A part, unpacked piece by piece; refused where it becomes too much."""
        with broken_is_refused(), self._zip.open(name) as part:
            while piece := part.read(_PIECE):
                self._count(len(piece))
                yield piece

    def _count(self, length: int) -> None:
        self._unpacked += length
        is_bomb = self._unpacked > max(_RATIO_COUNTS_FROM, MOST_RATIO * self._packed)
        if is_bomb or self._unpacked > MOST_UNPACKED:
            raise SheetRefused("XLSX_UNPACKS_TOO_LARGE", max=MOST_UNPACKED // 1_048_576)


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
        raise SheetRefused("XLSX_UNPACKS_TOO_LARGE", max=MOST_UNPACKED // 1_048_576)


class Events:
    """Runs a part through expat; subclasses say what elements mean, by their local names."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.EntityDeclHandler = _refuse_doctype
        self._parser.StartElementHandler = lambda name, a: self.start(local(name), a)
        self._parser.EndElementHandler = lambda name: self.end(local(name))
        self._parser.CharacterDataHandler = self.text

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
