"""Modules that were compiled take the places of their sources, while these are what was compiled.

`make compiled` lays in `build/compiled` a library, for each module a door into it, and `of.json`,
which says of which sources it was made. A library of other sources is left alone, so that nobody
can change a file and wonder why nothing changes. `MBOOLO_COMPILED` in the environment: `no` imports
the sources whatever lies there, `yes` refuses to start on them; otherwise what is there is taken.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "compiled"
_PACKAGES = ("chassis", "gateway")  # what is compiled is in them, and all that it was made with


class Made(NamedTuple):
    """What was compiled: these modules, of sources with this digest."""

    modules: Sequence[str]
    sources: str


def digest(root: Path = ROOT) -> str:
    """Of all sources that may have a part in what is compiled, and of the interpreter."""
    found = sha256(EXTENSION_SUFFIXES[0].encode())
    for path in _sources(root):
        found.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def _sources(root: Path) -> Iterable[Path]:
    return (path for name in _PACKAGES for path in sorted((root / name).rglob("*.py")))


def made(folder: Path = FOLDER) -> Made | None:
    """What lies there."""
    try:
        told = json.loads((folder / "of.json").read_bytes())
    except OSError:
        return None
    return Made(told["modules"], told["sources"])


class Compiled(MetaPathFinder):
    """Finds the compiled ones."""

    def __init__(self, folder: Path, modules: Iterable[str]) -> None:
        self._paths = {
            name: folder.joinpath(*name.split(".")).with_suffix(EXTENSION_SUFFIXES[0])
            for name in modules
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is, if it is one of them."""
        place = self._paths.get(fullname)
        return spec_from_file_location(fullname, place) if place else None


def use(folder: Path = FOLDER, *, wish: str | None = None) -> bool:
    """Import them from now on; whether there are any. `SystemExit` if there must be and are not."""
    wish = wish or os.environ.get("MBOOLO_COMPILED", "")
    found = None if wish == "no" else made(folder)
    is_right = found is not None and found.sources == digest()
    if wish == "yes" and not is_right:
        sys.exit("There is no compiled data plane of these sources: run `make compiled`.")
    if found is None or not is_right:
        return False
    sys.path.append(str(folder))  # where the doors look for the library
    sys.meta_path.insert(0, Compiled(folder, found.modules))
    return True
