"""Where the town keeps its files. The cluster too lies in the data folder, unless the user who runs
PostgreSQL cannot get there.
"""

import hashlib
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local.binaries import copy_wheel, find_binaries, version
from local.errors import CannotRun
from local.members import ROOT
from local.owner import Owner, choose_owner
from local.record import Record

# 107 bytes is all that the kernel takes, and ".s.PGSQL.5432.lock" comes on top. Other characters
# than these mean something in a connection URL or in PostgreSQL's list of socket folders.
_SOCKET_FOLDER = re.compile(r"[\w/. -]{1,85}", re.ASCII)


def data_folder() -> Path:
    """Where a town keeps its files: `MBOOLO_DATA`, else `.data` in the project's folder."""
    return Path(os.environ.get("MBOOLO_DATA") or ROOT / ".data").expanduser().absolute()


@dataclass(frozen=True)
class Place:
    """A cluster's folders, its programs, and the user who runs it (None: ourselves)."""

    binaries: Path
    version: str
    home: Path
    owner: Owner | None

    @property
    def pgdata(self) -> Path:
        """The data directory, named after the major version so that none is opened by another."""
        return self.home / f"pgdata-{self.version.split('.')[0]}"

    def socket_folder(self) -> Path:
        """Where the unix socket lies: in the data directory if such a path fits in an address."""
        if _SOCKET_FOLDER.fullmatch(str(self.pgdata)):
            return self.pgdata
        folder = short_folder(self.home, self.owner) / "socket"
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.owner:
            self.owner.take(folder)
        return folder


def settle(data: Path, record: Record) -> Place:
    """Find programs and a folder that the cluster's owner can really reach.

    As root, that is proved by a probe that runs as this user. Nothing above the data folder is
    opened to anybody: what cannot be reached is put into a short folder of its own instead.
    """
    binaries = find_binaries()
    number = version(binaries)
    home = record.home or data
    owner = choose_owner(Place(binaries, number, home, None).pgdata)
    if owner is None:
        return Place(binaries, number, home, None)
    if not owner.can_enter(home):
        home = record.home = short_folder(data, owner)
    return Place(_runnable(binaries, data, owner), number, home, owner)


def _runnable(binaries: Path, data: Path, owner: Owner) -> Path:
    if owner.can_run(binaries / "postgres", "--version"):
        return binaries
    if os.environ.get("PG_BIN"):
        raise CannotRun(
            f"PG_BIN={binaries} cannot be run by the user {owner.name}, and PostgreSQL does not "
            "run as root: install it where every user can read it, or run this as another user."
        )
    return copy_wheel(binaries, short_folder(data, owner))


def short_folder(data: Path, owner: Owner | None) -> Path:
    """A folder with a short path, always the same for one data folder, that `owner` can enter."""
    for folder in _short_folders(data):
        if _SOCKET_FOLDER.fullmatch(f"{folder}/socket") and _made(folder, owner):
            return folder
    raise CannotRun(
        f"{data} cannot hold PostgreSQL (its path is too long, or closed to the user who runs it) "
        "and neither can the temporary folder: choose another folder with MBOOLO_DATA."
    )


def _short_folders(data: Path) -> list[Path]:
    name = f"mboolo-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"
    temporary = [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108  ownership is checked
    parents = [Path("/var/lib"), *temporary] if os.geteuid() == 0 else temporary
    return [parent / name for parent in parents]


def _made(folder: Path, owner: Owner | None) -> bool:
    mode = 0o711 if owner else 0o700
    try:
        folder.mkdir(mode=mode, exist_ok=True)
    except OSError:
        return False
    if not _is_ours(folder):
        return False
    folder.chmod(mode)
    return owner is None or owner.can_enter(folder)


def _is_ours(folder: Path) -> bool:
    """In a folder that everybody writes to, the name alone proves nothing."""
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()


def remove_short_folders(data: Path) -> None:
    """Remove what `short_folder` made for this data folder."""
    for folder in _short_folders(data):
        if folder.is_dir() and _is_ours(folder):
            shutil.rmtree(folder)
